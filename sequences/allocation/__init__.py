"""The services that allocate numbers, one a file."""
