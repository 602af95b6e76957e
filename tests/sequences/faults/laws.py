"""What each guarantee promises, as laws that histories and table obey together.

A law tells every anomaly as a sentence. Each costs O(n log n) at most.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from sequences import Guarantee
from tests.sequences.faults.history import Operation

BLOCKS_A_PROCESS = 2
"""How many blocks a process may lose."""


@dataclass(kw_only=True)
class Outcome:
    """How it ended: what the processes saw, and what the database holds.

    `documents` has the number of each operation that is in the database; `counter` is
    the last number given out, by the counter's account. Series begin at 1.
    """

    operations: list[Operation]
    documents: dict[str, int | None]
    counter: int | None = None
    block_size: int = 1

    @property
    def highest(self) -> int:
        """The highest number on a document."""
        return max((number for number in self.documents.values() if number), default=0)

    @property
    def missing(self) -> list[int]:
        """The numbers that are on no document, though a higher one is."""
        return sorted(set(range(1, self.highest + 1)) - set(self.documents.values()))

    def number_of(self, operation: Operation) -> int | None:
        """Give the number that an operation has, to all that is known."""
        if operation.number is not None:
            return operation.number
        return self.documents.get(operation.name)


Law = Callable[[Outcome], Iterator[str]]


def unique(outcome: Outcome) -> Iterator[str]:
    """No number is on two documents, nor was it ever acknowledged to two."""
    yield from _doubles("stands on", outcome.documents.items())
    seen = ((each.name, each.number) for each in outcome.operations)
    yield from _doubles("was acknowledged to", seen)


def kept(outcome: Outcome) -> Iterator[str]:
    """What was acknowledged is there with its number; what failed is not."""
    for each in outcome.operations:
        stored = outcome.documents.get(each.name)
        if each.failed and each.name in outcome.documents:
            yield f"{each.name} failed, and is there with {stored}"
        if each.acknowledged is not None and stored != each.number:
            yield f"{each.name} was acknowledged {each.number}, and holds {stored}"
        if each.saved is not None and each.name not in outcome.documents:
            yield f"{each.name} was saved, and is not there"


def numbered(outcome: Outcome) -> Iterator[str]:
    """No document is left without a number."""
    for name, number in sorted(outcome.documents.items()):
        if number is None:
            yield f"{name} has no number"


def gapless(outcome: Outcome) -> Iterator[str]:
    """Every number up to the highest is on a document."""
    for number in outcome.missing:
        yield f"{number} is missing"


def counted(outcome: Outcome) -> Iterator[str]:
    """The counter stands at the highest number."""
    counter, highest = outcome.counter, outcome.highest or None
    if counter != highest:
        yield f"the counter stands at {counter}, the highest number is {highest}"


def in_order(outcome: Outcome) -> Iterator[str]:
    """Whoever began after another was settled has the higher number."""
    known = [
        (number, each)
        for each in outcome.operations
        if (number := outcome.number_of(each)) is not None
    ]
    ended = sorted(
        ((each.settled, number, each) for number, each in known if each.settled),
        key=lambda entry: entry[0] or 0,
        reverse=True,
    )
    highest, holder = 0, ""
    for number, each in sorted(known, key=lambda entry: entry[1].invoked):
        while ended and (ended[-1][0] or 0) < each.invoked:
            _, theirs, earlier = ended.pop()
            if theirs > highest:
                highest, holder = theirs, earlier.name
        if highest > number:
            name = each.name
            yield f"{name} began after {holder} had {highest}, and was given {number}"


def in_order_of_each_process(outcome: Outcome) -> Iterator[str]:
    """One process is given ascending numbers."""
    by_process = defaultdict(list)
    for each in sorted(outcome.operations, key=lambda each: each.invoked):
        number = outcome.number_of(each)
        if number is not None:
            by_process[each.process].append((number, each.name))
    for given in by_process.values():
        for (before, _), (after, name) in pairwise(given):
            if after < before:
                yield f"{name} was given {after} after {before}"


def gaps_bounded(outcome: Outcome) -> Iterator[str]:
    """A process loses two blocks at most, and an operation without a document one."""
    processes = {each.process for each in outcome.operations}
    alone = [each for each in outcome.operations if each.name not in outcome.documents]
    most = BLOCKS_A_PROCESS * outcome.block_size * len(processes) + len(alone)
    if len(outcome.missing) > most:
        yield f"{len(outcome.missing)} numbers are missing, {most} may be"


LAWS: dict[Guarantee, tuple[Law, ...]] = {
    Guarantee.SERIAL: (unique, kept, gapless, counted, in_order),
    Guarantee.GROUPED: (unique, kept, numbered, gapless, counted, in_order),
    Guarantee.POOLED: (unique, kept, gapless),
    Guarantee.BLOCKS: (unique, kept, gaps_bounded, in_order_of_each_process),
    Guarantee.NATIVE: (unique, kept, in_order),
}


def anomalies(guarantee: Guarantee, outcome: Outcome) -> Iterator[str]:
    """Tell everything that a guarantee does not allow."""
    for law in LAWS[guarantee]:
        yield from law(outcome)


def _doubles(verb: str, entries: Iterable[tuple[str, int | None]]) -> Iterator[str]:
    holders = defaultdict(list)
    for name, number in entries:
        if number is not None:
            holders[number].append(name)
    for number, names in sorted(holders.items()):
        if len(names) > 1:
            yield f"{number} {verb} {' and '.join(sorted(names))}"
