"""Template tags of the result pages."""
