"""Results as text."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Give a Markdown table; the first column is text, numbers stand to the right."""
    rows = [tuple(row) for row in rows]
    widths = [
        max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)
    ]
    lines = [head, *rows]
    text = [
        "| "
        + " | ".join(
            cell.rjust(width) if cell[:1].isdigit() else cell.ljust(width)
            for cell, width in zip(line, widths, strict=True)
        )
        + " |"
        for line in lines
    ]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text) + "\n"
