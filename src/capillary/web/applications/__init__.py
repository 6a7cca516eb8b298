"""Applications for incentive programmes: calls with a budget, what enterprises hand in, and how offices decide."""
