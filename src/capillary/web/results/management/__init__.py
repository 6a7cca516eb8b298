"""Commands of the result pages."""
