"""What all parts of the product share: content, audit, look."""
