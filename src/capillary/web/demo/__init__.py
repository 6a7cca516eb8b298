"""The demonstration data that `capillary serve --demo` loads."""
