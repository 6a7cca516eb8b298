"""SQLite for several processes and threads: writers queue for their turn."""
