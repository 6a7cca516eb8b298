"""Certificates of levels: issued to firms, taken back, and verified by anybody."""
