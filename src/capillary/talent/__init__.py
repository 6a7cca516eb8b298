"""Floor 3: what people can do, what they lack, and the smallest set of courses that closes it."""
