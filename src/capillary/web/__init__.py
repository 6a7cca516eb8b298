"""Floor 5: the web product. Pages, accounts and storage; every rule comes from the floors below."""
