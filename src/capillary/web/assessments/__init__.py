"""Assessments: the interview, its answers and their result."""
