"""Certificates that anybody can verify offline: W3C credentials with Data Integrity, and SD-JWT for showing a part only."""
