"""What may happen to a document, and at which moment of its making.

A fate is a few words; most documents do `well`. A series has to withstand the fates of
its guarantee.
"""

import os
import random
import signal
import time
from typing import Final

from django.db import connection

from sequences import Guarantee
from tests.sequences.faults import sessions

LATE_S: Final = 0.05


class RolledBackError(Exception):
    """The document was not wanted after all."""


class UnknownError(Exception):
    """Whether there is a document, others will decide."""


def befall(fate: str, moment: str, operation: str) -> None:
    """Let a fate take its course, if this is its moment."""
    if fate == f"killed {moment}":
        os.kill(os.getpid(), signal.SIGKILL)
    match fate, moment:
        case "rolled back", "before commit":
            raise RolledBackError
        case "terminated", "before commit":
            sessions.end_own()
        case "ends late", "before commit":
            time.sleep(LATE_S)
        case (("prepared" | "left prepared"), "before commit"):
            with connection.cursor() as cursor:
                cursor.execute("PREPARE TRANSACTION %s", [operation])
        case "prepared", "after commit":
            time.sleep(LATE_S)
            sessions.resolve_prepared(operation, "COMMIT")
        case "left prepared", "after commit":
            raise UnknownError


def fates_of(guarantee: Guarantee, database: str) -> list[str]:
    """Give the fates that a guarantee has to withstand on a database."""
    fates = ["killed before commit", "killed after commit", "rolled back"]
    if database != "sqlite":
        fates.append("terminated")
    if guarantee is Guarantee.GROUPED:
        return [*fates, "killed after saving"]
    fates.append("killed after the draw")
    if guarantee in (Guarantee.SERIAL, Guarantee.POOLED):
        fates.append("rolled back to a savepoint")
    if guarantee is Guarantee.POOLED:
        fates += ["ends late", *["replenishes"] * 3]
        if database == "postgresql":
            fates += ["prepared", "left prepared"]
    if guarantee is Guarantee.BLOCKS:
        fates.append("forks")
    return fates


def plan(
    fates: list[str], *, workers: int, documents: int, every: int = 50
) -> dict[str, list[str]]:
    """Give each worker all fates once in ``every`` documents, at places left to chance.

    The same ones in every run, so that a failure can be looked at again.
    """
    chance = random.Random(31)  # noqa: S311 - no secret
    ahead = fates * max(1, documents // every)
    ahead += ["well"] * (documents - len(ahead))
    return {f"w{worker}": chance.sample(ahead, len(ahead)) for worker in range(workers)}
