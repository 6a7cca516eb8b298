"""What a firm is entitled to: rules as data, read three-valued, with a trace that re-computes to every result."""
