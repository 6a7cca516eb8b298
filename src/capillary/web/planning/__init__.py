"""Roadmaps: what an enterprise asks for, the plans that are found, and the measures that they are made of."""
