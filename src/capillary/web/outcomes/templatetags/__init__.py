"""Template tags of the outcomes."""
