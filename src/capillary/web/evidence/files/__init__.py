"""Checks of uploaded files: the content decides what a file is, and nothing active gets in."""
