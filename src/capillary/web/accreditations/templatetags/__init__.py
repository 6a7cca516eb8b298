"""Template tags of this part."""
