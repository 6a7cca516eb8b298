"""Evidence behind answers, and the grades that follow from it."""
