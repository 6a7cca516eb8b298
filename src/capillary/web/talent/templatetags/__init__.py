"""Template tags of the scenarios."""
