"""Outcomes: what firms tell of finished projects, who agrees to what, and the figures that scenarios show of it."""
