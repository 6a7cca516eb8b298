"""Floor 5: what a firm needs meets what providers offer, with reasons."""
