"""What is missing, double, out of order in each part of a series."""

from contextlib import AbstractContextManager, closing
from copy import copy
from datetime import UTC, datetime
from typing import Any

from attrs import evolve

from sequences.arithmetic import HIGHEST
from sequences.counters import Counter
from sequences.definitions import Sequence
from sequences.errors import InvalidColumn, InvalidSequence
from sequences.formats import Format
from sequences.guarantees import Guarantee
from sequences.ledger import reading
from sequences.ledger.collecting import Collected, Everything
from sequences.ledger.columns import Column
from sequences.ledger.entries import Ledger, voids_by_part
from sequences.ledger.findings import Audit, Counted, Explanation, Findings
from sequences.ledger.free_numbers import free_in_pool
from sequences.ledger.kept import is_kept
from sequences.ledger.parts import Parts
from sequences.ledger.possible import PossibleNumbers
from sequences.ledger.states import State, state_of, states_by_part
from services import Inputs, Internals, Outputs, Service, attribute, make, stage


class AuditParts(Service):
    """
    Audit numbers that are told apart by columns beside them, or by their text.

    Each row is looked at here, in one statement, and memory grows with the parts, and
    with what is void in them.

    :raises InvalidColumn: if text hides the scope, or ``by`` names too few columns.
    :raises InvalidSequence: if neither columns nor text tell the parts apart.
    """

    class inputs(Inputs):
        sequence: Sequence | None = attribute(doc="None: without counters.")
        column: Column = attribute(doc="With ``by``, or ``printed``, or both.")
        first: int | None
        limit: int
        is_held: bool = False

    class internals(Internals):
        writers: int | None = attribute(doc="Open transactions, at the start.")
        parts: Parts
        states: dict[str, State] = attribute(
            factory=dict, doc="How far each has come, by part."
        )
        by_part: Collected[Any]
        behind: int

    class outputs(Outputs):
        audit: Audit

    steps = (
        make("find_parts"),
        make("look_for_writers"),
        stage(
            make("read_counters", only_if="has_sequence"),
            make("read_pools", only_if="is_pooled"),
            make("read_voids", only_if="has_ledger"),
            make("read_rows"),
            within="one_moment",
        ),
        make("sum_up_parts"),
        make("read_ledger", only_if="has_ledger"),
        make("report"),
    )

    def find_parts(self) -> None:
        """Find out what tells the parts apart; begin with none."""
        column, sequence = self.inputs.column, self.inputs.sequence
        printing = None if sequence is None else sequence.printing
        apart = printing or column.printed
        keys = 0 if apart is None else len(apart.scope) + (apart.calendar is not None)
        if column.by and apart is not None and len(column.by) != keys:
            reason = f"{keys} columns tell its parts, and by names {len(column.by)}."
            if not keys:
                reason = "its numbers have no parts, and by names some. Leave it out."
            raise InvalidColumn(column.table, column.name, reason)
        if not column.by:
            self._require_text(column.printed, keys)
        only = None
        if sequence is not None and sequence.place is not None:
            only = sequence.place.counter_name("").removeprefix("/")
        elif not keys and not column.by:
            only = ""
        self.internals.parts = Parts(
            printed=column.printed,
            series=self._series,
            found=Everything.up_to(self.inputs.limit),
            outside=Collected(self.inputs.limit),
            only=only,
        )

    def look_for_writers(self) -> None:
        """Count the transactions whose documents the audit may not see."""
        self.internals.writers = (
            0
            if self.inputs.is_held
            else reading.writers(self.inputs.column, self._name)
        )

    def read_counters(self) -> None:
        """Read how far each part has come."""
        sequence, using = self.inputs.sequence, self.inputs.column.using
        if sequence is None:
            return
        parts = self.internals.parts
        if parts.only is None:
            self.internals.states = states_by_part(sequence, using)
        else:
            self.internals.states = {parts.only: state_of(sequence, using)}

    def read_pools(self) -> None:
        """Read what is free in the pool of each part."""
        sequence, parts = self.inputs.sequence, self.internals.parts
        using = self.inputs.column.using
        if sequence is None:
            return
        series = self._series(sequence.initial_value)
        for part, state in self.internals.states.items():
            if state.has_pool:
                free = free_in_pool(self._counter_name(part), using, series)
                parts.known[part] = list(free)
                parts.settled[part] = state.settled

    def read_voids(self) -> None:
        """Read what is void in each part."""
        sequence, parts = self.inputs.sequence, self.internals.parts
        using = self.inputs.column.using
        if sequence is None:
            return
        if parts.only is not None:
            parts.known[parts.only] = list(self._ledger(parts.only).voids())
            return
        for part, gap in voids_by_part(self._name, using, sequence.increment):
            parts.known.setdefault(part, []).append(gap)

    def read_rows(self) -> None:
        """Go through the documents once."""
        column, take = self.inputs.column, self.internals.parts.take
        keys, dated = len(column.by), column.order_by is not None
        with closing(reading.rows(column)) as rows:
            for row in rows:
                take(row, keys, dated=dated)

    def sum_up_parts(self) -> None:
        """Tell of each part what is missing at its end."""
        parts = self.internals.parts
        given_out = {
            part: state.given_out
            for part, state in self.internals.states.items()
            if state.given_out is not None
        }
        for part in given_out:  # one whose documents are all gone is missed as well
            parts.of(part, 0)
        sequence = self.inputs.sequence
        beyond = Explanation.OPEN if self.internals.writers else None
        if sequence is not None and sequence.guarantee is Guarantee.BLOCKS:
            beyond = Explanation.RESERVED
        limit = 1 if parts.is_one else self.inputs.limit
        by_part: Collected[Counted] = Collected(limit)
        self.internals.behind = 0
        for part in sorted(parts.tallies):
            counted = parts.tallies[part].counted(given_out.get(part), beyond)
            by_part.add(counted)
            self.internals.behind += counted.behind if self.has_sequence() else 0
        self.internals.by_part = by_part

    def read_ledger(self) -> None:
        """Tell to whom those were given out that nothing explains."""
        gaps = self.internals.parts.found.gaps.listed
        gaps[:] = [
            evolve(gap, given=self._ledger(gap.part).given(gap.first, gap.last))
            for gap in gaps
        ]

    def report(self) -> None:
        """Sum up."""
        column, sequence = self.inputs.column, self.inputs.sequence
        parts, by_part = self.internals.parts, self.internals.by_part.frozen()
        found = parts.found
        audit = Audit(
            sequence=None if sequence is None else sequence.sequence_name,
            using=column.using,
            table=column.table,
            column=column.name,
            order_by=column.order_by,
            taken_at=datetime.now(UTC),
            documents=parts.documents,
            numbered=parts.numbered,
            first=None,
            lowest=None,
            highest=None,
            given_out=None,
            behind=self.internals.behind,
            writers=self.internals.writers,
            missing=found.missing,
            excused=found.excused,
            gaps=found.gaps.frozen(),
            explained=found.explained.frozen(),
            doubles=found.doubles.frozen(),
            disorder=found.disorder.frozen(),
            outside=parts.outside.frozen(),
            parts=(),
            by_part=by_part,
        )
        if parts.is_one:
            audit = evolve(audit, by_part=Findings(), **_only(by_part.listed))
        self.outputs.audit = audit

    def _series(self, lowest: int) -> PossibleNumbers:
        """Tell which numbers are possible in a part, from the lowest in it."""
        given, sequence = self.inputs, self.inputs.sequence
        printed = given.column.printed
        limit = HIGHEST if printed is None else printed.highest
        first, step = lowest, 1
        if sequence is not None:
            limit = min(limit, sequence.progression.limit)
            first, step = sequence.initial_value, sequence.increment
        if given.first is not None:
            first = given.first
        return PossibleNumbers(first=first, limit=limit, step=step)

    def _require_text(self, printed: Format | None, keys: int) -> None:
        """Refuse a series whose parts nothing tells."""
        column, sequence = self.inputs.column, self.inputs.sequence
        if printed is None and sequence is not None and sequence.printing is not None:
            raise InvalidSequence(
                sequence.sequence_name,
                f"it counts by {sequence.printing.apart}, so that its numbers meet "
                f"again in their column. Say by= which columns tell its parts, or "
                f"audit the column of its text.",
            )
        hidden = [] if printed is None else printed.hidden
        if hidden and keys:
            reason = f"its text does not show the {hidden[0]}. Say by= what does."
            raise InvalidColumn(column.table, column.name, reason)

    def has_sequence(self) -> bool:
        """Tell whether there may be counters."""
        return self.inputs.sequence is not None

    def is_pooled(self) -> bool:
        """Tell whether its numbers come from pools."""
        sequence = self.inputs.sequence
        return sequence is not None and sequence.guarantee is Guarantee.POOLED

    def has_ledger(self) -> bool:
        """Tell whether the ledger may know about what is missing."""
        using = self.inputs.column.using
        is_pooled = self.is_pooled()  # what is free in a pool is in no ledger
        has_sequence = self.has_sequence()
        return has_sequence and not is_pooled and is_kept("LedgerEntry", using)

    def one_moment(self) -> AbstractContextManager[None]:
        """See all of it as it is at one moment."""
        return reading.one_moment(self.inputs.column.using)

    def _ledger(self, part: str | None) -> Ledger:
        sequence = copy(self.inputs.sequence) or Sequence()
        vars(sequence)["sequence_name"] = self._counter_name(part)
        return Ledger(Counter(sequence, self.inputs.column.connection))

    def _counter_name(self, part: str | None) -> str:
        """Give the name of the counter of a part; of the only one, that it is told."""
        return self._name if self.internals.parts.is_one else f"{self._name}/{part}"

    @property
    def _name(self) -> str:
        sequence = self.inputs.sequence
        return "" if sequence is None else sequence.sequence_name


def _only(by_part: tuple[Counted, ...]) -> dict[str, Any]:
    """Give what is told of the only part, if it was met at all."""
    told = ("first", "lowest", "highest", "given_out", "parts")
    return {name: getattr(part, name) for part in by_part for name in told}
