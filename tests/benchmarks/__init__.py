"""Measurements side by side, in one run, with the check that the numbers were right."""
