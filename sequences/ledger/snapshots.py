"""Whether a transaction sees what others have committed since it began."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sequences.errors import InvalidSequence
from sequences.transactions import is_in_transaction

if TYPE_CHECKING:
    from sequences.counters import Counter

# The older of the two names is the only one that MariaDB before 11.1 knows.
LEVEL: Final = {
    "postgresql": "SELECT 1, current_setting('transaction_isolation')",
    "mysql": """
        SHOW VARIABLES
         WHERE Variable_name IN ('transaction_isolation', 'tx_isolation')
    """,
}

_READS_ANEW: Final = {
    "postgresql": {"READ COMMITTED", "READ UNCOMMITTED"},
    # There, SERIALIZABLE locks what it reads, and so reads what is newest.
    "mysql": {"READ COMMITTED", "READ UNCOMMITTED", "SERIALIZABLE"},
}


def refuse_old_snapshot(counter: Counter) -> None:
    """
    Refuse the caller's transaction where it may not see the newest documents.

    :raises InvalidSequence: if it sees the database as it was when it began to read.
    """
    connection = counter.connection
    if connection.vendor not in LEVEL or not is_in_transaction(connection):
        return
    with connection.cursor() as cursor:
        cursor.execute(LEVEL[connection.vendor])
        level = str(cursor.fetchone()[1]).upper().replace("-", " ")
    if level not in _READS_ANEW[connection.vendor]:
        reason = (
            f"the open transaction is {level}, and may not see the newest documents. "
            f"Adopt outside of transaction.atomic()."
        )
        raise InvalidSequence(counter.sequence.sequence_name, reason)
