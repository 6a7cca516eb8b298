"""The market: providers and their offers, what the public finds, what an officer reviews, what fits a firm's plan."""
