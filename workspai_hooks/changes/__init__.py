"""What changed: the base, the head, and the files that differ between them."""
