"""
The guarantee ladder, as data: what a series promises, and what that costs its callers.

Ask for the weakest that is sufficient. Documentation, admin, checks and errors read it
from here. Pure: no Django, no database.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from attrs import frozen


@frozen(kw_only=True)
class Promise:
    """
    What one rung of the ladder promises.

    :ivar summary: the promise in one sentence.
    :ivar gapless: whether numbers are missing, and when.
    :ivar order: in which order numbers are given.
    :ivar waits: for what callers wait.
    :ivar after_crash: what a crash of process or server leaves.
    :ivar trips: round trips to the database that a number costs.
    :ivar service: the service that allocates.
    """

    summary: str
    gapless: str
    order: str
    waits: str
    after_crash: str
    trips: str
    service: str


class Guarantee(Enum):
    """
    What a series promises about its numbers. On every rung they are unique.

    .. versionadded:: 0.1
    """

    SERIAL = "serial"
    GROUPED = "grouped"
    POOLED = "pooled"
    BLOCKS = "blocks"
    NATIVE = "native"

    @property
    def promise(self) -> Promise:
        """What this rung promises, in words."""
        return LADDER[self]


LADDER: Final[dict[Guarantee, Promise]] = {
    Guarantee.SERIAL: Promise(
        summary="No gaps, numbered in the order of commit, one after another.",
        gapless="always",
        order="by commit",
        waits="for each other, until commit",
        after_crash="exact",
        trips="1",
        service="AllocateNumber",
    ),
    Guarantee.GROUPED: Promise(
        summary="No gaps, in the order asked for, numbered right after the commit.",
        gapless="always; documents are without a number for a moment",
        order="as asked for",
        waits="for the one who numbers the group",
        after_crash="exact; the next run numbers what is pending",
        trips="a few a group",
        service="NumberPending",
    ),
    Guarantee.POOLED: Promise(
        summary="No gaps at rest: a number given back is given out again.",
        gapless="at rest",
        order="none",
        waits="for nobody",
        after_crash="exact, once the pool has been replenished",
        trips="1",
        service="ClaimNumber",
    ),
    Guarantee.BLOCKS: Promise(
        summary="Unique numbers from memory; gaps up to two blocks a process.",
        gapless="no; at most two blocks a process are lost",
        order="within a process",
        waits="for nobody",
        after_crash="the rest of the blocks is lost",
        trips="1 a block, otherwise none",
        service="BlockAllocator",
    ),
    Guarantee.NATIVE: Promise(
        summary="The database's own sequence: unique numbers, a gap a rollback.",
        gapless="no",
        order="by call",
        waits="for nobody",
        after_crash="may skip some",
        trips="1",
        service="DrawNumber",
    ),
}
