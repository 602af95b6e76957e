"""Import, issue, and two ways to be shown it all."""
