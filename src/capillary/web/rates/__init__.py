"""Exchange rates: loading them, showing them, and amounts in the reader's currency."""
