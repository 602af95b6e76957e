"""How one client numbers one document, in every way that is compared."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

Method = Callable[[], None]


def _document() -> Any:
    from tests.documents.models import Document

    return Document


def django_sequences() -> Method:
    """The peer; in a process in which 'sequences' is django-sequences."""
    from sequences import get_next_value

    document = _document()

    def one() -> None:
        with transaction.atomic():
            document.objects.create(number=get_next_value("benchmark"))

    return one


def serial() -> Method:
    """The declared service, in the caller's transaction."""
    from sequences import AllocateNumber

    document = _document()

    def one() -> None:
        with transaction.atomic():
            number = AllocateNumber.run(sequence="benchmark").value
            document.objects.create(number=number)

    return one


def grouped() -> Method:
    """Commit first, then be numbered with the others."""
    from sequences import Guarantee, NumberPending, Sequence

    document = _document()
    sequence = Sequence(
        "benchmark",
        guarantee=Guarantee.GROUPED,
        column="documents.Document.number",
    )
    pending = document.objects.order_by("pk")

    def one() -> None:
        made = document.objects.create()
        NumberPending.run(sequence=sequence, pending=pending, document=made.pk)

    return one


def pooled() -> Method:
    """Draw without waiting; what rolls back comes back."""
    from sequences import ClaimNumber, Guarantee, Sequence

    document = _document()
    sequence = Sequence(
        "benchmark", guarantee=Guarantee.POOLED, column="documents.Document.number"
    )

    def one() -> None:
        with transaction.atomic():
            number = ClaimNumber.run(sequence=sequence).value
            document.objects.create(number=number)

    return one


def nextval() -> Method:
    """The database's own sequence, by hand: the fastest there is, with gaps."""
    document = _document()

    def one() -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT nextval('benchmark_native')")
                number = cursor.fetchone()[0]
            document.objects.create(number=number)

    return one


METHODS: dict[str, Callable[[], Method]] = {
    "django-sequences": django_sequences,
    "serial": serial,
    "grouped": grouped,
    "pooled": pooled,
    "nextval": nextval,
}

GAPLESS = {"django-sequences", "serial", "grouped"}
"""Those that promise that nothing is missing when all clients have stopped."""
