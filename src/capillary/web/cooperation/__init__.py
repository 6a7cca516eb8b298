"""Cooperation profiles of enterprises, and interests in them: anonymous until both sides have agreed."""
