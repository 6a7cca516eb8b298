"""Scenarios: the catalogue of problems and the measures that solve them, and starting one in the plan of a firm."""
