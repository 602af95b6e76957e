"""Numbers that exist already: audited, and adopted."""
