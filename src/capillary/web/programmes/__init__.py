"""Programmes, the enterprises that take part, and what an officer sees of them."""
