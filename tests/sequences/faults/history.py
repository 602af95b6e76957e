"""What clients saw, compared with what a database holds.

The final table alone is blind: after a failover that lost acknowledged numbers and gave
them out again, it is gapless and unique. So each client writes its own history, one
JSON line an event:

- `["invoke", operation, time]` before it asks;
- `["ok", operation, number, time]` after COMMIT has returned;
- `["fail", operation]` only if the operation certainly left nothing;
- nothing more if it does not know.

Times are nanoseconds of one clock that all clients share.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(kw_only=True)
class Operation:
    """One document that a client wanted numbered, as the client saw it."""

    name: str
    invoked: int
    number: int | None = None
    acknowledged: int | None = None
    failed: bool = False


def read(lines: Iterable[str]) -> list[Operation]:
    """Read histories; a client may have been killed in the middle of a line."""
    operations: dict[str, Operation] = {}
    for line in lines:
        if not line.endswith("\n"):
            continue
        event, name, *rest = json.loads(line)
        if event == "invoke":
            operations[name] = Operation(name=name, invoked=rest[0])
        elif event == "ok":
            operations[name].number, operations[name].acknowledged = rest
        else:
            operations[name].failed = True
    return list(operations.values())


def anomalies(
    operations: list[Operation], documents: dict[str, int], counter: int | None
) -> Iterator[str]:
    """Tell everything that a gapless series, numbered from 1, does not allow.

    `documents` holds the number of each operation that is in the database, and
    `counter` the last number given out. The cost is O(n log n).
    """
    yield from _doubles("stands on", documents.items())
    acknowledged = [each for each in operations if each.acknowledged is not None]
    yield from _doubles(
        "was acknowledged to", ((each.name, each.number or 0) for each in acknowledged)
    )
    for each in operations:
        stored = documents.get(each.name)
        if each.failed and stored is not None:
            yield f"{each.name} failed, and is there with {stored}"
        if each.acknowledged is not None and stored != each.number:
            yield f"{each.name} was acknowledged {each.number}, and holds {stored}"
    highest = max(documents.values(), default=0)
    for missing in sorted(set(range(1, highest + 1)) - set(documents.values())):
        yield f"{missing} is missing"
    if counter != (highest or None):
        yield f"the counter stands at {counter}, the highest number is {highest}"
    yield from _disorder(acknowledged)


def _doubles(verb: str, numbered: Iterable[tuple[str, int]]) -> Iterator[str]:
    holders = defaultdict(list)
    for name, number in numbered:
        holders[number].append(name)
    for number, names in sorted(holders.items()):
        if len(names) > 1:
            yield f"{number} {verb} {' and '.join(sorted(names))}"


def _disorder(acknowledged: list[Operation]) -> Iterator[str]:
    """Whoever began after another was acknowledged has the higher number."""
    ended = sorted(acknowledged, key=lambda each: each.acknowledged or 0, reverse=True)
    highest = None
    for each in sorted(acknowledged, key=lambda each: each.invoked):
        while ended and (ended[-1].acknowledged or 0) < each.invoked:
            candidate = ended.pop()
            if highest is None or (candidate.number or 0) > (highest.number or 0):
                highest = candidate
        if highest is not None and (highest.number or 0) > (each.number or 0):
            yield (
                f"{each.name} began after {highest.name} had {highest.number}, "
                f"and was given {each.number}"
            )
