"""
The functions of django-sequences: same names, same arguments, same autocommit.

Each has a twin for event loops, whose name begins with ``a``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from uuid import UUID

from sequences.alignment import guarded_counter
from sequences.allocation.allocate_number import AllocateNumber
from sequences.allocation.allocate_numbers import AllocateNumbers
from sequences.counters import counter_for, database_of
from sequences.definitions import plain
from sequences.errors import InvalidSequence, SequenceInUse
from sequences.guarantees import Guarantee
from sequences.ledger.entries import Ledger
from sequences.ledger.kept import is_closed, stood_at
from sequences.twins import async_twin
from services.wording import got

if TYPE_CHECKING:
    from sequences.arithmetic import Values
    from sequences.definitions import Sequence


def get_next_value(
    sequence_name: str = "default",
    initial_value: int = 1,
    reset_value: int | None = None,
    *,
    nowait: bool = False,
    using: str | None = None,
) -> int:
    """
    Take the next number of a sequence.

    Inside a transaction the number is given back if that rolls back, and other callers
    of the same sequence wait until it ends. In autocommit the number is taken at once
    and for good: then a failing save leaves a gap.

    :param sequence_name: at most 100 characters.
    :param initial_value: the first number, if there is none yet; 0 or more.
    :param reset_value: in front of this number it starts again at ``initial_value``.
    :param nowait: refuse instead of waiting, also at the first call.
    :param using: the alias of the database; None: where routers write counters.
    :raises InvalidSequence: a ValueError; nothing was taken.
    :raises LockBusy: if ``nowait`` and another transaction holds the counter.
    :raises SequenceExhausted: if there is no number left; the counter did not move.
    :raises Conflict: likewise ``Deadlock``, ``LockTimeout``: all are Django's
        ``OperationalError``; the transaction is to be repeated.

    .. versionadded:: 0.1
    """
    sequence = plain(_named(sequence_name), initial_value, reset_value, using)
    return next_value(sequence, nowait=nowait)


def next_value(sequence: Sequence, *, nowait: bool = False) -> int:
    """Take the next number of a declared sequence, in a transaction or without one."""
    sequence.require(Guarantee.SERIAL)
    counter = guarded_counter(sequence)
    at_once = counter.advances_in_one_statement() and not sequence.ledger
    if at_once and not nowait:
        return counter.advance()
    with counter.own_transaction(nowait=nowait):
        return AllocateNumber.run(sequence=sequence, nowait=bool(nowait)).value


def _named(sequence_name: str) -> str:
    """Give the text of a name: to django-sequences an int or a UUID is one as well."""
    given: object = sequence_name
    if isinstance(given, (str, bool)) or not isinstance(given, (int, UUID)):
        return sequence_name
    return str(given)


def get_next_values(
    batch_size: int,
    sequence_name: str = "default",
    initial_value: int = 1,
    *,
    nowait: bool = False,
    using: str | None = None,
) -> range:
    """
    Take the next numbers of a sequence, all or none.

    :param batch_size: how many, 0 or more. None of them: the empty range, no trace.
    :raises InvalidSequence: a ValueError, also for a negative batch; nothing was taken.
    :raises SequenceExhausted: a ValueError too, for a batch past the end; the counter
        did not move.

    For transactions, the other arguments and errors see :func:`get_next_value`.

    .. versionadded:: 0.1
    """
    sequence = plain(_named(sequence_name), initial_value, None, using)
    # Without a loop the numbers are always a range.
    return cast("range", next_values(sequence, batch_size, nowait=nowait))


def next_values(sequence: Sequence, batch_size: int, *, nowait: bool = False) -> Values:
    """Take numbers of a declared sequence, in a transaction or without one."""
    sequence.require(Guarantee.SERIAL)
    if not isinstance(batch_size, int) or isinstance(batch_size, bool):
        reason = f"batch_size must be int, got {got(batch_size)}."
        raise InvalidSequence(sequence.sequence_name, reason)
    with counter_for(sequence).own_transaction(nowait=nowait):
        return AllocateNumbers.run(
            sequence=sequence, count=batch_size, nowait=bool(nowait)
        ).values


def get_last_value(
    sequence_name: str = "default", *, using: str | None = None
) -> int | None:
    """
    Read the number that was given out last, or None if there was none.

    Takes no lock, so the answer may be old when it arrives. Of a closed sequence it is
    the last one that was given out.

    :param sequence_name: at most 100 characters.
    :param using: the alias of the database; None: where routers read counters.
    :raises InvalidSequence: a ValueError, for a name that no sequence can have.

    .. versionadded:: 0.1
    """
    using = using or database_of(for_write=False)
    counter = counter_for(plain(_named(sequence_name), using=using))
    return stood_at(counter.read(), counter.sequence.sequence_name, using)


def delete(sequence_name: str = "default", *, using: str | None = None) -> bool:
    """
    Delete the counter of a sequence, in the caller's transaction if there is one.

    The next number will be the first again: numbers that exist are given out twice. A
    sequence that looks at the column of its documents gives none while there are some,
    see :class:`DocumentsAhead`.

    :param sequence_name: at most 100 characters.
    :param using: the alias of the database; None: where routers write counters.
    :returns: whether there was one.
    :raises InvalidSequence: a ValueError, for a name that no sequence can have.
    :raises SequenceInUse: if it is closed, or has entries in the ledger; it is as it
        was.

    .. versionadded:: 0.1
    """
    counter = counter_for(plain(_named(sequence_name), using=using))
    with counter.own_transaction():
        counter.lock()
        entries = Ledger(counter).count()
        name = counter.sequence.sequence_name
        closed = is_closed(name, counter.using)
        if entries or closed:
            raise SequenceInUse(name, entries, is_closed=closed)
        return counter.delete()


aget_next_value = async_twin(get_next_value)
aget_next_values = async_twin(get_next_values)
aget_last_value = async_twin(get_last_value)
adelete = async_twin(delete)
