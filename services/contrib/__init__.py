"""What joins services to other packages, each of them optional."""
