"""Places that an office gives out where more ask than there is room for: asking, the draw, answers, attendance."""
