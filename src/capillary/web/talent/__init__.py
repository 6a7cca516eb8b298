"""Courses, skills checks, training plans of firms, and people who look for work with their skills."""
