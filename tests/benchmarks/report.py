"""Results as data, and as text."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

Record = dict[str, str | int | float]
"""One result: what was measured, by its heading."""

PEER = "django-sequences"

CEILING = "nextval"
"""Of the candidates for pools: the fastest there is, with gaps."""

EARLY, LATE = 8_000, 100_000
"""Under a snapshot: the start is before so many numbers, the end from so many on."""


def best_in_turn(
    flush: str, clients: int, runs: Mapping[str, Callable[[], float]], rounds: int
) -> Iterator[Record]:
    """Give the best rate of each method, of rounds in which they take turns."""
    best = dict.fromkeys(runs, 0.0)
    for _ in range(rounds):
        for method, run in runs.items():
            best[method] = max(best[method], run())
    for method, rate in best.items():
        yield {
            "flush": flush,
            "clients": clients,
            "method": method,
            "a second": rate,
        }


def with_ratio(records: Iterable[Record], peer: str = PEER) -> Iterator[Record]:
    """Add how many times the peer's rate each is; the peer's comes before them."""
    its_rate = 0.0
    for record in records:
        rate = float(record["a second"])
        if str(record["method"]).startswith(peer):
            its_rate = rate
        yield record | {f"times {peer}": rate / its_rate}


def plain(records: Sequence[Record]) -> str:
    """Give a table with a row for each result."""
    head = list(records[0])
    return table(head, [[told(record[key]) for key in head] for record in records])


def by_clients(records: Sequence[Record], peer: str = PEER) -> str:
    """Give a table for each flush: methods down, clients across, ratios in brackets."""
    tables = []
    for flush in dict.fromkeys(record["flush"] for record in records):
        these = [record for record in records if record["flush"] == flush]
        clients = list(dict.fromkeys(record["clients"] for record in these))
        cells = {
            (record["method"], record["clients"]): (
                f"{told(record['a second'])} ({record[f'times {peer}']:.2f})"
            )
            for record in these
        }
        methods = dict.fromkeys(record["method"] for record in these)
        head = [f"a flush of {flush}" if flush != "instant" else "an instant flush"]
        head += [f"{count} client{'s' * (count != 1)}" for count in clients]
        rows = [[str(each), *(cells[each, n] for n in clients)] for each in methods]
        tables.append(table(head, rows))
    return "\n".join(tables)


def under_snapshot(records: Sequence[Record]) -> str:
    """Give what is left of each method's rate, by its best windows."""
    found: list[Record] = []
    for method in dict.fromkeys(record["method"] for record in records):
        course = [one for one in records if one["method"] == method]
        begin = best(one for one in course if int(one["after"]) < EARLY)
        end = best(one for one in course if int(one["after"]) >= LATE)
        found.append(
            {
                "method": method,
                "a second at the start": begin,
                f"a second after {LATE:,}": end,
                "what is left": end / begin,
            }
        )
    return plain(found)


def of_candidates(records: Sequence[Record]) -> str:
    """Give a table of each kind, told by its first heading; at last by clients."""
    tables = []
    for heading, group in groupby(records, key=lambda record: next(iter(record))):
        these = list(group)
        is_last = heading == "flush"
        tables.append(by_clients(these, CEILING) if is_last else plain(these))
    return "\n".join(tables)


def best(records: Iterable[Record]) -> float:
    """Give the highest rate."""
    return max(float(record["a second"]) for record in records)


def told(value: str | float) -> str:
    """Give a value as it is read: three digits of it matter, at the most."""
    if isinstance(value, float):
        return f"{value:.2f}" if value < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else value


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Give a Markdown table; the first column is text, numbers stand to the right."""
    rows = [tuple(row) for row in rows]
    columns = list(zip(head, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    is_number = [all(cell[:1].isdigit() for cell in column[1:]) for column in columns]
    lines = [
        "| "
        + " | ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, is_number, strict=True)
        )
        + " |"
        for line in [head, *rows]
    ]
    rule = [
        "-" * (width + 1) + (":" if right else "-")
        for width, right in zip(widths, is_number, strict=True)
    ]
    lines.insert(1, f"|{'|'.join(rule)}|")
    return "\n".join(lines) + "\n"
