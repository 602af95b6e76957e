"""What became of numbers: written down, void, audited, adopted, closed."""
