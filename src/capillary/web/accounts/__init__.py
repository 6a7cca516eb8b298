"""People who sign in, and the organisations that they work for."""
