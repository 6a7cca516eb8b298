"""What finished projects report, and the figures that may be told of it."""
