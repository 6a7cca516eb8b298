"""Finding things of all catalogues in one place."""
