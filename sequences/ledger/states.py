"""How far a sequence has come, whatever its guarantee; read without a lock."""

from __future__ import annotations

from typing import Any

from attrs import frozen
from django.apps import apps
from django.db import connections

from sequences import native
from sequences.counters import counter_for
from sequences.counters.base import counter_model
from sequences.definitions import Sequence
from sequences.errors import InvalidSequence
from sequences.guarantees import Guarantee
from sequences.ledger.columns import tables_of
from sequences.pools import pool_for
from sequences.pools.postgresql import DrawAndReclaim


@frozen(kw_only=True)
class State:
    """
    How far a sequence has come.

    :ivar given_out: the number given out last; None before the first.
    :ivar settled: above this number the draws of a pool are not settled; None: of none.
    :ivar has_pool: whether numbers may be free in a pool.
    """

    given_out: int | None = None
    settled: int | None = None
    has_pool: bool = False


def refuse_repeating(sequence: Sequence) -> None:
    """
    Refuse a sequence whose column holds one number several times, or that counts down.

    :raises InvalidSequence: if it loops, counts by period or scope, or counts down.
    """
    reason = None
    if sequence.reset_value is not None:
        reason = "it loops"
    elif sequence.printing is not None and sequence.printing.only_place is None:
        reason = f"it counts by {sequence.printing.apart}"
    if reason is not None:
        raise InvalidSequence(
            sequence.sequence_name,
            f"{reason}, so that its numbers meet again in their column: neither gaps "
            f"nor the last number can be told from it.",
        )
    if sequence.increment < 0:
        raise InvalidSequence(
            sequence.sequence_name, "it counts down, and audits count up."
        )


def state_of(sequence: Sequence, using: str) -> State:
    """Read it on one database; where our tables are missing, nothing began."""
    tables = set(tables_of(connections[using]))
    sequence = Sequence(  # the same, on the database that is audited
        sequence.sequence_name,
        sequence.initial_value,
        increment=sequence.increment,
        max_value=sequence.max_value,
        guarantee=sequence.guarantee,
        column=sequence.column,
        using=using,
    )
    if sequence.guarantee is Guarantee.NATIVE:
        return State(given_out=native.read(sequence.sequence_name, using).last)
    given_out = None
    if counter_model()._meta.db_table in tables:
        given_out = counter_for(sequence).read()
    has_pool = (
        sequence.guarantee is Guarantee.POOLED
        and _model("PooledNumber")._meta.db_table in tables
    )
    if not has_pool:
        return State(given_out=given_out)
    pool = pool_for(sequence)
    if not isinstance(pool, DrawAndReclaim):
        return State(given_out=given_out, has_pool=True)
    rows = _model("Pool")._base_manager.using(using)
    row = rows.filter(name=sequence.sequence_name).first()
    if row is None:  # nothing was claimed yet
        return State(given_out=given_out)
    drawn = native.read(pool.source, using).last
    return State(
        given_out=given_out if drawn is None else drawn,
        settled=row.settled,
        has_pool=True,
    )


def _model(name: str) -> Any:
    return apps.get_model(counter_model()._meta.app_label, name)
