"""How far a sequence has come, whatever its guarantee; read without a lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from attrs import frozen
from django.db import connections

from sequences import native
from sequences.arithmetic import CLOSED
from sequences.counters import counter_for
from sequences.counters.base import counter_model, stored
from sequences.definitions import Sequence
from sequences.errors import InvalidSequence
from sequences.guarantees import Guarantee
from sequences.ledger.columns import tables_of
from sequences.ledger.kept import is_kept, stood_at, where_closed
from sequences.pools import pool_for
from sequences.pools.postgresql import DrawAndReclaim
from sequences.registry import names_declared

_MEET: Final = "so that its numbers meet again in their column"
_UNKNOWN: Final = "neither gaps nor the last number can be told from it"


@frozen(kw_only=True)
class State:
    """
    How far a sequence has come.

    :ivar given_out: the number given out last; None before the first.
    :ivar settled: above this number the draws of a pool are not settled; None: of none.
    :ivar has_pool: whether numbers may be free in a pool.
    :ivar has_ledger: whether there may be entries in a ledger.
    """

    given_out: int | None = None
    settled: int | None = None
    has_pool: bool = False
    has_ledger: bool = False


def require_counting_up(sequence: Sequence) -> None:
    """
    Refuse a sequence whose numbers do not only go up.

    :raises InvalidSequence: if it loops, or counts down.
    """
    reason = None
    if sequence.reset_value is not None:
        reason = f"it loops, {_MEET}: {_UNKNOWN}."
    elif sequence.increment < 0:
        reason = "it counts down, and audits count up."
    if reason is not None:
        raise InvalidSequence(sequence.sequence_name, reason)


def refuse_repeating(sequence: Sequence) -> None:
    """
    Refuse a sequence whose column holds one number several times, or that counts down.

    :raises InvalidSequence: if it loops, counts by period or scope, or counts down.
    """
    require_counting_up(sequence)
    if sequence.printing is not None and sequence.printing.only_place is None:
        remedy = "Take one part of it with of(on=..., scope=...)."
        reason = f"it counts by {sequence.apart}, {_MEET}: {_UNKNOWN}. {remedy}"
        raise InvalidSequence(sequence.sequence_name, reason)


def require_own_counter(sequence: Sequence, using: str) -> None:
    """
    Refuse a sequence whose next number does not depend on its counter.

    :raises InvalidSequence: if it is NATIVE, or POOLED with a pool that has begun.
    """
    reason = None
    if sequence.guarantee is Guarantee.NATIVE:
        reason = "it is declared as NATIVE: the database counts it, not we."
    elif sequence.guarantee is Guarantee.POOLED:
        name, state = sequence.sequence_name, state_of(sequence, using)
        free = stored("PooledNumber")._base_manager.using(using).filter(name=name)
        if state.settled is not None or (state.has_pool and free.exists()):
            reason = (
                "its pool has begun, and gives out numbers that documents may bear. "
                "Declare it under another name, and adopt before its first number is "
                "claimed."
            )
    if reason is not None:
        raise InvalidSequence(sequence.sequence_name, reason)


def state_of(sequence: Sequence, using: str) -> State:
    """Read it on one database; where our tables are missing, nothing began."""
    tables = set(tables_of(connections[using]))
    sequence = sequence.counter_on(using)  # the database that is audited
    if sequence.guarantee is Guarantee.NATIVE:
        return State(given_out=native.read(sequence.sequence_name, using).last)
    given_out = None
    if counter_model()._meta.db_table in tables:
        given_out = counter_for(sequence).read()
    has_ledger = stored("LedgerEntry")._meta.db_table in tables
    if has_ledger:
        given_out = stood_at(given_out, sequence.sequence_name, using)
    if not _has_pool(sequence, using):
        return State(given_out=given_out, has_ledger=has_ledger)
    pool = pool_for(sequence)
    if not isinstance(pool, DrawAndReclaim):
        return State(given_out=given_out, has_pool=True)
    rows = stored("Pool")._base_manager.using(using)
    row = rows.filter(name=sequence.sequence_name).first()
    if row is None:  # nothing was claimed yet
        return State(given_out=given_out)
    drawn = _drawn_by(pool)
    return State(
        given_out=given_out if drawn is None else drawn,
        settled=row.settled,
        has_pool=True,
    )


def _drawn_by(pool: DrawAndReclaim) -> int | None:
    """Give the last number that a pool has drawn; None before the first."""
    try:
        return native.read(pool.source, pool.using).last
    except InvalidSequence:  # somebody has dropped it, and the next claim makes it anew
        return pool.stood_at()


def _has_pool(sequence: Sequence, using: str) -> bool:
    return sequence.guarantee is Guarantee.POOLED and is_kept("PooledNumber", using)


def states_by_part(sequence: Sequence, using: str) -> dict[str, State]:
    """Give how far each part of a series has come that has begun."""
    name, is_pooled = sequence.sequence_name, _has_pool(sequence, using)
    states = {
        part: State(given_out=last, has_pool=is_pooled)
        for part, last in given_out_by_part(name, using)
    }
    if is_pooled and connections[using].vendor == "postgresql":
        rows = _rows_of_parts(stored("Pool"), name, using, "settled")
        for full_name, settled in rows:
            part, drawn = full_name.removeprefix(f"{name}/"), None
            with suppress(InvalidSequence):  # it has a name like a part, and is none
                pool = DrawAndReclaim(sequence.part_called(full_name), using)
                drawn = _drawn_by(pool)
            counted = states.get(part, State()).given_out  # a pool begins behind that
            states[part] = State(
                given_out=counted if drawn is None else drawn,
                settled=settled,
                has_pool=True,
            )
    return states


def pooled_parts(sequence: Sequence, using: str) -> list[Sequence]:
    """Give the parts of a POOLED series that have a pool on a database."""
    is_drawn = connections[using].vendor == "postgresql"
    model = stored("Pool") if is_drawn else counter_model()
    parts = []
    for (name,) in _rows_of_parts(model, sequence.sequence_name, using):
        with suppress(InvalidSequence):  # it has a name like a part, and is none
            parts.append(sequence.part_called(name))
    return parts


def given_out_by_part(name: str, using: str) -> Iterator[tuple[str, int]]:
    """Give the parts of a series that have a counter, and where each stands."""
    closed = where_closed(using, f"{name}/")
    for full_name, last in _rows_of_parts(counter_model(), name, using, "last"):
        stands = closed.get(full_name, last) if last == CLOSED else last
        if stands is not None:
            yield full_name.removeprefix(f"{name}/"), stands


def _rows_of_parts(
    model: Any, name: str, using: str, *columns: str
) -> Iterator[tuple[Any, ...]]:
    """Give what is stored of the parts of a series, by name."""
    if model._meta.db_table not in tables_of(connections[using]):
        return
    prefix, others = f"{name}/", names_declared()
    rows = model._base_manager.using(using).filter(name__startswith=prefix)
    # Not streamed: who stops half way would leave a cursor open.
    for full_name, *stands in rows.order_by("name").values_list("name", *columns):
        # To SQLite capitals are small letters; and others may be called like a part.
        if full_name.startswith(prefix) and full_name not in others:
            yield full_name, *stands
