"""What a message of a check says at its end."""

from __future__ import annotations


def hint_at(check_id: str, remedy: str) -> str:
    """Give a remedy, and where the documentation tells more."""
    anchor = check_id.replace(".", "-").lower()
    return f"{remedy} See docs/reference/checks.md#{anchor}."
