"""Firms' needs, and the life of each match between a need and an offer."""
