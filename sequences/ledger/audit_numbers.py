"""What is missing, double, out of order: the numbers that documents bear."""

from collections.abc import Generator
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from attrs import evolve

from sequences.arithmetic import HIGHEST
from sequences.counters import Counter
from sequences.definitions import Sequence, declared
from sequences.formats import Format
from sequences.guarantees import Guarantee
from sequences.ledger import reading
from sequences.ledger.audit_parts import AuditParts
from sequences.ledger.collecting import Everything, Picture
from sequences.ledger.columns import Column
from sequences.ledger.entries import Ledger
from sequences.ledger.explanations import Explainer
from sequences.ledger.findings import (
    Audit,
    Explanation,
    Findings,
    Gap,
    Outside,
)
from sequences.ledger.free_numbers import free_in_pool
from sequences.ledger.possible import PossibleNumbers
from sequences.ledger.reading import Extent
from sequences.ledger.states import State, require_counting_up, state_of
from sequences.ledger.walk import Reach, Walk
from services import Done, Inputs, Internals, Outputs, Service, attribute, make, stage


class AuditNumbers(Service):
    """
    Tell which numbers are missing, double, out of order, or impossible. Reads only.

    Outside of a transaction it sees the database at one moment, and locks nobody out;
    inside of one, what that transaction sees. Each table is read in order and nothing
    is kept of it, so memory does not grow with the rows.

    What is missing is explained where it can be: it is void, it is free in the pool, it
    was drawn and is not settled yet, it may be reserved in a block, it may be still
    open. The last is said of numbers above the newest document, if a transaction that
    writes documents or holds the counter was open: its documents cannot be seen. SQLite
    does not tell about such transactions; MariaDB and MySQL only with the privilege
    PROCESS.
    Of what has no explanation, the ledger tells to whom it was given out.

    A series that counts by period or scope is audited by its parts: told apart by the
    columns beside its numbers, or by their text. Then each row is looked at here, and
    memory grows with the parts.

    :raises InvalidColumn: if there is no such table or column, or it holds no numbers;
        or if what is given does not tell the parts of a series.
    :raises InvalidSequence: if the sequence loops: its numbers meet again in their
        column; if it counts by period or scope, and nothing tells its parts; or if it
        does not say where its numbers are stored, and no column is given.

    .. versionadded:: 0.1
    """

    class inputs(Inputs):
        sequence: Sequence | str | None = attribute(
            default=None,
            doc="A declared sequence, or the name of a plain one: with its counter. "
            "None: the bare column.",
        )
        column: str | None = attribute(
            default=None,
            doc="The column of ``table``; or ``'app.Model.field'``. None: where the "
            "sequence says its numbers are stored.",
        )
        table: str | None = attribute(default=None, doc="Any table or view.")
        order_by: str | None = attribute(
            default=None,
            doc="The field or column that dates the documents: lower numbers are to "
            "have earlier dates. None: order is not looked at.",
        )
        first: int | None = attribute(
            default=None,
            doc="The first number that should be there. None: the sequence's; of a "
            "bare column, the lowest in it.",
            must={
                "must be a number of a counter": lambda n: (
                    n is None or 0 <= n <= HIGHEST
                )
            },
        )
        limit: int = attribute(
            default=1_000,
            doc="How many findings of each kind are listed; the others are counted.",
            must={"must not be negative": lambda n: n >= 0},
        )
        using: str | None = attribute(
            default=None, doc="The database. None: that of the sequence or the model."
        )
        by: tuple[str, ...] = attribute(
            default=(),
            doc="The fields or columns that tell the parts of a series: that of the "
            "period's key, then those of its scope. A NumberField says it itself.",
        )
        format: Format | None = attribute(
            default=None,
            doc="How numbers are printed, where the column holds text. None: as the "
            "sequence says.",
        )
        is_held: bool = attribute(
            default=False,
            doc="Whether the caller holds the counter: then no number of it is open.",
        )

    class internals(Internals):
        sequence: Sequence | None
        column: Column
        writers: int | None = attribute(doc="Open transactions, at the start.")
        extent: Extent
        series: PossibleNumbers
        state: State
        known: Generator[Any] = attribute(
            doc="What is explained, by number: in the pool, or void."
        )
        explainer: Explainer
        collected: Everything
        picture: Picture
        outside: Findings[Any]

    class outputs(Outputs):
        audit: Audit = attribute(doc="What was found; see :class:`Audit`.")

    steps = (
        make("find_column"),
        make("audit_parts", only_if="is_apart"),
        make("look_for_writers"),
        stage(
            make("read_extent"),
            make("read_state", only_if="has_sequence"),
            make("collect_reasons"),
            make("read_numbers"),
            make("read_ledger", only_if="has_ledger"),
            make("read_outside", only_if="has_outside"),
            within="one_moment",
        ),
        make("report"),
    )

    def find_column(self) -> None:
        """Look up the column; refuse one whose numbers cannot be told apart."""
        given, internals = self.inputs, self.internals
        internals.sequence = sequence = (
            None if given.sequence is None else declared(given.sequence)
        )
        if sequence is not None:
            require_counting_up(sequence)
        internals.column = Column.of(
            sequence=sequence,
            table=given.table,
            column=given.column,
            order_by=given.order_by,
            using=given.using,
            by=given.by,
            printed=given.format,
        )
        internals.state = State()
        internals.outside = Findings()

    def audit_parts(self) -> Done:
        """Audit each part, and that is all."""
        self.outputs.audit = AuditParts.run(
            sequence=self.internals.sequence,
            column=self.internals.column,
            first=self.inputs.first,
            limit=self.inputs.limit,
            is_held=self.inputs.is_held,
        ).audit
        return self.done()

    def look_for_writers(self) -> None:
        """Count the transactions whose documents the audit may not see."""
        sequence = self.internals.sequence
        name = "" if sequence is None else sequence.sequence_name
        self.internals.writers = (
            0 if self.inputs.is_held else reading.writers(self.internals.column, name)
        )

    def read_extent(self) -> None:
        """Read how many numbers there are, and which are possible."""
        column, sequence = self.internals.column, self.internals.sequence
        found = reading.extent(column)
        first = self.inputs.first
        if sequence is not None:
            series = PossibleNumbers(
                first=sequence.initial_value if first is None else first,
                limit=sequence.progression.limit,
                step=sequence.increment,
            )
        else:
            lowest = 0 if found.lowest is None else found.lowest
            series = PossibleNumbers(first=lowest if first is None else first)
        # Where the ends are possible and no number is left out, all are.
        if series.step > 1 or not (
            found.lowest is None
            or (series.has(found.lowest) and series.has(found.highest or 0))
        ):
            found = reading.extent(column, series)
        self.internals.extent, self.internals.series = found, series

    def read_state(self) -> None:
        """Read how far the counter, or the source of a pool, has come."""
        sequence, column = self.internals.sequence, self.internals.column
        if sequence is not None:
            self.internals.state = state_of(sequence, column.using)

    def collect_reasons(self) -> None:
        """Prepare what can explain that a number is missing."""
        sequence, state = self.internals.sequence, self.internals.state
        series, found = self.internals.series, self.internals.extent
        beyond = Explanation.OPEN if self.internals.writers else None
        if sequence is not None and sequence.guarantee is Guarantee.BLOCKS:
            beyond = Explanation.RESERVED
        self.internals.known = self._known()
        self.internals.explainer = Explainer(
            series=series,
            known=self.internals.known,
            settled=state.settled,
            newest=found.highest,
            beyond=beyond,
        )
        self.internals.picture = Picture.of(series, self._reach().last)
        self.internals.collected = Everything.up_to(
            self.inputs.limit, self.internals.picture
        )

    def read_numbers(self) -> None:
        """Go through the numbers once; what is explained beyond them is not read."""
        internals = self.internals
        walk = Walk(
            reach=self._reach(),
            lowest=internals.extent.lowest,
            explainer=internals.explainer,
        )
        stream = reading.breaks(internals.column, internals.series)
        # A cursor that is left half read ends whenever garbage is collected, and then
        # in the midst of somebody's transaction.
        with closing(internals.known), closing(stream) as rows:
            for finding in walk.findings(rows):
                internals.collected.add(finding)

    def read_ledger(self) -> None:
        """Tell to whom those were given out that nothing explains."""
        gaps, ledger = self.internals.collected.gaps.listed, self._ledger()
        gaps[:] = [evolve(gap, given=ledger.given(gap.first, gap.last)) for gap in gaps]

    def read_outside(self) -> None:
        """List what stands in the column and is not a possible number."""
        stream = reading.outside(self.internals.column, self.internals.series)
        with closing(stream) as rows:
            first = islice(rows, self.inputs.limit)
            listed = tuple(Outside(number=value[:100]) for (value,) in first)
        found = self.internals.extent
        self.internals.outside = Findings(
            count=found.numbered - found.whole, listed=listed
        )

    def report(self) -> None:
        """Sum up."""
        found = self.internals.collected
        internals, extent, reach = self.internals, self.internals.extent, self._reach()
        column, sequence = internals.column, internals.sequence
        has_numbers = bool(extent.whole) or reach.last is not None
        self.outputs.audit = Audit(
            sequence=None if sequence is None else sequence.sequence_name,
            using=column.using,
            table=column.table,
            column=column.name,
            order_by=column.order_by,
            taken_at=datetime.now(UTC),
            documents=extent.documents,
            numbered=extent.numbered,
            first=internals.series.first if has_numbers else None,
            lowest=extent.lowest,
            highest=extent.highest,
            given_out=internals.state.given_out,
            behind=0 if sequence is None else reach.behind,
            writers=internals.writers,
            missing=found.missing,
            excused=found.excused,
            gaps=found.gaps.frozen(),
            explained=found.explained.frozen(),
            doubles=found.doubles.frozen(),
            disorder=found.disorder.frozen(),
            outside=internals.outside,
            parts=internals.picture.parts(),
        )

    def _known(self) -> Generator[Gap, None, None]:
        sequence, series = self.internals.sequence, self.internals.series
        if sequence is None:
            return
        if self.internals.state.has_pool:
            using, name = self.internals.column.using, sequence.sequence_name
            yield from free_in_pool(name, using, series)
        elif self.internals.state.has_ledger:
            yield from self._ledger().voids()

    def _ledger(self) -> Ledger:
        sequence = declared(self.inputs.sequence or "")
        return Ledger(Counter(sequence, self.internals.column.connection))

    def _reach(self) -> Reach:
        return Reach(
            series=self.internals.series,
            highest=self.internals.extent.highest,
            given_out=self.internals.state.given_out,
        )

    def has_sequence(self) -> bool:
        """Tell whether there may be a counter."""
        return self.internals.sequence is not None

    def is_apart(self) -> bool:
        """Tell whether its numbers are told apart by columns, or by their text."""
        column, sequence = self.internals.column, self.internals.sequence
        printing = None if sequence is None else sequence.printing
        has_parts = printing is not None and printing.only_place is None
        return has_parts or bool(column.by) or column.printed is not None

    def has_ledger(self) -> bool:
        """Tell whether the ledger may know about what is missing."""
        return self.internals.state.has_ledger

    def has_outside(self) -> bool:
        """Tell whether the column holds what no number of the series can be."""
        found = self.internals.extent
        return found.numbered > found.whole

    def one_moment(self) -> AbstractContextManager[None]:
        """See all of it as it is at one moment."""
        return reading.one_moment(self.internals.column.using)
