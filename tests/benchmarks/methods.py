"""How one client works, in every way that is compared."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.db.models import Func, Value

Method = Callable[[], Any]

COLUMN = "documents.Document.number"


def _document() -> Any:
    from tests.benchmarks.documents.models import Document

    return Document


# --- One document: draw a number, insert a row, commit --------------------------------


def _with_document(draw: Callable[[], int]) -> Method:
    document = _document()

    def one() -> None:
        with transaction.atomic():
            document.objects.create(number=draw())

    return one


def django_sequences() -> Method:
    """The peer; in a process in which 'sequences' is django-sequences."""
    from sequences import get_next_value

    return _with_document(lambda: get_next_value("benchmark"))


def serial() -> Method:
    """The declared service, in the caller's transaction."""
    from sequences import AllocateNumber

    return _with_document(lambda: AllocateNumber.run(sequence="benchmark").value)


def serial_in_insert() -> Method:
    """Drawn by the database inside of the INSERT, in the caller's transaction."""
    from sequences import NextNumber

    document = _document()

    def one() -> None:
        with transaction.atomic():
            document.objects.create(number=NextNumber("benchmark"))

    return one


def serial_in_insert_alone() -> Method:
    """The same where the INSERT is all that the transaction has to do."""
    from sequences import NextNumber

    document = _document()
    return lambda: document.objects.create(number=NextNumber("benchmark"))


def pooled() -> Method:
    """Draw without waiting; what rolls back comes back."""
    from sequences import ClaimNumber, Guarantee, Sequence

    pool = Sequence("benchmark", guarantee=Guarantee.POOLED, column=COLUMN)
    return _with_document(lambda: ClaimNumber.run(sequence=pool).value)


def pooled_in_insert_alone() -> Method:
    """The same inside of an INSERT that is all that the transaction has to do."""
    from sequences import Guarantee, NextNumber, Sequence

    document = _document()
    pool = Sequence("benchmark", guarantee=Guarantee.POOLED, column=COLUMN)
    return lambda: document.objects.create(number=NextNumber(pool))


def nextval() -> Method:
    """The database's own sequence, by hand: the fastest there is, with gaps."""

    def draw() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('benchmark_native')")
            number: int = cursor.fetchone()[0]
        return number

    return _with_document(draw)


def nextval_in_insert_alone() -> Method:
    """The same inside of an INSERT that is all that the transaction has to do."""
    document = _document()
    draw = Func(Value("benchmark_native"), function="nextval")
    return lambda: document.objects.create(number=draw)


def grouped() -> Method:
    """Commit first, then be numbered with the others."""
    from sequences import Guarantee, NumberPending, Sequence

    document = _document()
    group = Sequence("benchmark", guarantee=Guarantee.GROUPED, column=COLUMN)
    pending = document.objects.order_by("pk")

    def one() -> None:
        made = document.objects.create()
        NumberPending.run(sequence=group, pending=pending, document=made.pk)

    return one


DOCUMENTS: dict[str, Callable[[], Method]] = {
    "django-sequences": django_sequences,
    "serial": serial,
    "serial in the INSERT": serial_in_insert,
    "serial in the INSERT, autocommit": serial_in_insert_alone,
    "grouped": grouped,
    "pooled": pooled,
    "pooled in the INSERT, autocommit": pooled_in_insert_alone,
    "nextval": nextval,
    "nextval in the INSERT, autocommit": nextval_in_insert_alone,
}

# --- One number, in a transaction of its own ------------------------------------------


def _in_transaction(draw: Callable[[], int]) -> Method:
    def one() -> int:
        with transaction.atomic():
            return draw()

    return one


def call_django_sequences() -> Method:
    """The peer's function."""
    from sequences import get_next_value

    return _in_transaction(lambda: get_next_value("benchmark"))


def call_get_next_value() -> Method:
    """Ours of the same name."""
    from sequences import get_next_value

    return _in_transaction(lambda: get_next_value("benchmark"))


def call_allocate_number() -> Method:
    """The service."""
    from sequences import AllocateNumber

    return _in_transaction(lambda: AllocateNumber.run(sequence="benchmark").value)


def call_claim_number() -> Method:
    """The service of pools."""
    from sequences import ClaimNumber, Guarantee, Sequence

    pool = Sequence("benchmark", guarantee=Guarantee.POOLED, column=COLUMN)
    return _in_transaction(lambda: ClaimNumber.run(sequence=pool).value)


def call_raw_sql() -> Method:
    """The shortest statement that does it, by hand."""
    statement = (
        "INSERT INTO sequences_sequence (name, last) VALUES (%s, 1) ON CONFLICT (name) "
        "DO UPDATE SET last = sequences_sequence.last + 1 RETURNING last"
    )

    def draw() -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, ["benchmark"])
            number: int = cursor.fetchone()[0]
        return number

    return _in_transaction(draw)


CALLS: dict[str, Callable[[], Method]] = {
    "django-sequences get_next_value": call_django_sequences,
    "raw SQL": call_raw_sql,
    "get_next_value": call_get_next_value,
    "AllocateNumber": call_allocate_number,
}

UNDER_SNAPSHOT: dict[str, Callable[[], Method]] = {
    "django-sequences": call_django_sequences,
    "serial": call_allocate_number,
    "pooled": call_claim_number,
}

METHODS = DOCUMENTS | CALLS

GAPLESS = {
    "django-sequences",
    "serial",
    "serial in the INSERT",
    "serial in the INSERT, autocommit",
    "grouped",
}
"""Those that promise that nothing is missing when all clients have stopped."""
