"""Numbers and the transaction they belong to: which, where, and what is sent."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import (
    connection,
    transaction,
)
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from sequences import (
    AllocateNumber,
    AllocateNumbers,
    NoTransaction,
    Sequence,
    SetCounter,
    delete,
    get_last_value,
    get_next_value,
    get_next_values,
    retry_on_conflict,
)
from sequences.models import Sequence as StoredSequence
from sequences.testing import OtherSession
from sequences.transactions import is_in_transaction
from tests.sequences.draws import allocate, connection_is_open, roll_back
from tests.sequences.marks import (
    DATABASE,
    autocommit,
    on_postgresql,
)

pytestmark = autocommit


class TestRollback:
    """A number is part of the transaction."""

    def test_it_is_given_back(self, last: int | None):
        """After a rollback the next caller gets the same number."""
        with transaction.atomic():
            taken = allocate()
            roll_back()
        assert get_last_value("s") == last
        assert get_next_value("s") == taken

    def test_a_savepoint_gives_it_back(self, last: int | None):
        """So it is with a part of the transaction."""
        with transaction.atomic():
            with transaction.atomic():
                taken = allocate()
                roll_back()
            assert allocate() == taken
            assert allocate() == taken + 1

    def test_a_refusal_leaves_the_transaction_usable(self):
        """No number left is no accident: what the transaction did stands."""
        few = Sequence("few", max_value=1)
        with transaction.atomic():
            allocate()
            few.get_next_value()
            assert AllocateNumber.attempt(sequence=few).error.code == "exhausted"  # type: ignore[union-attr]
            assert allocate() == 2
        assert get_last_value("s") == 2


class TestNoTransaction:
    """Gapless numbers need a transaction."""

    @pytest.mark.parametrize(
        "run",
        [
            lambda: AllocateNumber.run(sequence="s"),
            lambda: AllocateNumber.run(sequence="s", nowait=True),
            lambda: AllocateNumbers.run(sequence="s", count=2),
        ],
    )
    def test_services_refuse(self, run: Callable[[], object]):
        """In autocommit a number would be consumed silently: it is refused."""
        with pytest.raises(NoTransaction) as refusal:
            run()
        assert str(refusal.value) == (
            "Cannot take a number from sequence 's': no transaction is open on "
            "database 'default'. Wrap the call, and the save that uses the number, in "
            "one transaction.atomic() block."
        )
        assert get_last_value("s") is None

    def test_transactions_by_hand_are_transactions(self):
        """Without autocommit one is always open."""
        transaction.set_autocommit(False)
        try:
            assert allocate() == 1
            transaction.rollback()
            assert allocate() == 1
            transaction.commit()
        finally:
            transaction.rollback()
            transaction.set_autocommit(True)
        assert get_last_value("s") == 1


@pytest.mark.parametrize("autocommit", [True, False])
def test_a_connection_is_not_opened_to_be_asked(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, *, autocommit: bool
):
    """Where none is open, its settings say whether it will begin in a transaction."""
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "AUTOCOMMIT", autocommit)
    in_transaction = is_in_transaction(connection)
    was_opened = connection.connection is not None
    connection.ensure_connection()

    assert not was_opened
    assert in_transaction == is_in_transaction(connection) == (not autocommit)
    connection.close()


class TestInTestCase(TestCase):
    """Django's TestCase keeps a transaction open around each test."""

    def test_its_transaction_is_not_the_callers(self):
        """What would be refused in production is refused in its test."""
        assert not is_in_transaction(connection)
        with pytest.raises(NoTransaction):
            allocate()
        with transaction.atomic():
            assert is_in_transaction(connection)
            assert allocate() == 1

    def test_retry_on_conflict_works(self):
        """The outermost transaction of the code under test can be repeated."""

        @retry_on_conflict()
        def issue() -> int:
            with transaction.atomic():
                return allocate()

        assert issue() == 1


class Router:
    """Counters are written to `other`, and read from `default`, a lagging replica."""

    def db_for_read(self, model: object, **_hints: object) -> str | None:
        """Give the replica."""
        return "default" if model is StoredSequence else None

    def db_for_write(self, model: object, **_hints: object) -> str | None:
        """Give the primary."""
        return "other" if model is StoredSequence else None


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
class TestSeveralDatabases:
    """A sequence lives where its documents live."""

    def test_databases_count_apart(self):
        """The same name on two databases is two counters."""
        assert [get_next_value("s", using=each) for each in ("default", "other")] == [
            1,
            1,
        ]
        elsewhere = Sequence("s", using="other")
        assert next(elsewhere) == 2
        assert (get_last_value("s"), elsewhere.get_last_value()) == (1, 2)
        assert delete("s", using="other")
        assert (get_last_value("s"), elsewhere.get_last_value()) == (1, None)

    def test_the_transaction_has_to_be_on_the_same_database(self):
        """A transaction elsewhere protects nothing."""
        elsewhere = Sequence("s", using="other")
        with transaction.atomic(), pytest.raises(NoTransaction) as refusal:
            AllocateNumber.run(sequence=elsewhere)
        assert refusal.value.using == "other"
        with transaction.atomic(using="other"):
            assert AllocateNumber.run(sequence=elsewhere).value == 1
            assert AllocateNumber.run(sequence=elsewhere, nowait=True).value == 2

    def test_the_routers_decide(self, settings: Any):
        """Numbers are taken where counters are written, and read where read."""
        settings.DATABASE_ROUTERS = [Router()]
        assert get_next_value("s") == 1
        assert get_last_value("s") is None
        assert get_last_value("s", using="other") == 1
        with transaction.atomic(using="other"):
            assert allocate() == 2
        assert delete("s") is True

    def test_a_second_session_on_another_database(self):
        """Sessions of sequences.testing take the alias as well."""
        with OtherSession("other") as other, transaction.atomic(using="other"):
            elsewhere = Sequence("s", using="other")
            elsewhere.get_next_value()
            second = other.start(elsewhere.get_next_value)
            other.wait_until_blocked()
        assert second.result() == 2


SESSION_LEVEL = ("SET ", "SET SESSION", "PG_ADVISORY_LOCK", "GET_LOCK", "LISTEN")


class TestStatements:
    """What is sent to the database."""

    def statements_of(self, run: Callable[[], object]) -> list[str]:
        """Give the statements that a call sends, in capitals."""
        with CaptureQueriesContext(connection) as captured:
            run()
        return [" ".join(each["sql"].upper().split()) for each in captured]

    @pytest.mark.parametrize("nowait", [False, True])
    def test_nothing_outlives_the_transaction(
        self,
        last: int | None,
        nowait: bool,  # noqa: FBT001
    ):
        """Only transaction-level locks: safe behind pgbouncer in transaction mode."""

        def everything() -> None:
            with transaction.atomic():
                allocate(nowait=nowait)
                AllocateNumbers.run(sequence="s", count=2, nowait=nowait)
                SetCounter.run(sequence="s", last=9)
            get_next_value("s", nowait=nowait)
            get_next_values(2, "s", nowait=nowait)
            Sequence("hours", 0, 24).get_next_values(2, nowait=nowait)
            delete("s")

        statements = self.statements_of(everything)
        assert statements
        assert not [
            each
            for each in statements
            if any(word in each for word in SESSION_LEVEL[2:])
            or each.startswith(SESSION_LEVEL[:2])
        ]
        if DATABASE == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_locks "
                    "WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
                )
                assert cursor.fetchone() == (0,)

    def test_a_number_is_one_statement(self, last: int | None):
        """One round trip in the caller's transaction, as in autocommit."""
        with transaction.atomic():
            connection_is_open()
            assert len(self.statements_of(allocate)) == 1
        assert len(self.statements_of(lambda: get_next_value("s"))) == 1

    @on_postgresql
    def test_parameters_bound_by_the_server(self, settings: Any):
        """The driver may send parameters apart from the statement."""
        plain = connection.settings_dict["OPTIONS"]
        connection.close()
        connection.settings_dict["OPTIONS"] = plain | {"server_side_binding": True}
        try:
            assert get_next_value("s") == 1
            assert get_next_value("s", nowait=True) == 2
            assert get_next_values(2**40, "s")[-1] == 2**40 + 2
            assert Sequence("hours", 0, 24).get_next_values(30 - 6) == range(24)
            assert delete("s")
        finally:
            connection.close()
            connection.settings_dict["OPTIONS"] = plain


class TestDeletes:
    """What deleting does to numbers."""

    def test_deleting_a_sequence_starts_it_again(self):
        """The next number is the first: whoever deletes takes the responsibility."""
        get_next_values(5, "s")
        delete("s")
        assert get_next_value("s") == 1

    def test_a_rollback_brings_the_counter_back(self):
        """Deleting is part of the transaction."""
        get_next_values(5, "s")
        with transaction.atomic():
            assert delete("s") is True
            assert delete("s") is False
            roll_back()
        assert get_last_value("s") == 5

    def test_deleted_and_drawn_in_one_transaction(self):
        """The counter of a sequence may be replaced in one go."""
        get_next_values(5, "s")
        with transaction.atomic():
            delete("s")
            assert allocate() == 1
        assert get_last_value("s") == 1
