"""Codes of industries: looking them up, and what they are in other classifications."""
