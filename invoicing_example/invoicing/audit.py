"""What the numbers on the documents say: the counter is not asked."""

from attrs import frozen
from django.db import connection
from django.db.models import Count, Max, Min

from invoicing.models import Invoice
from invoicing.series import invoice_numbers

# Each number is compared with the one before it, the first with the number in front of
# the series.
GAPS = """
    SELECT previous + 1, number - 1
      FROM (SELECT number,
                   COALESCE(LAG(number) OVER (ORDER BY number),
                            %(in_front)s) AS previous
              FROM invoicing_invoice
             WHERE number IS NOT NULL) AS numbers
     WHERE number > previous + 1
     ORDER BY number
"""


@frozen(kw_only=True)
class Audit:
    """The numbers of the issued invoices, summed up."""

    first: int | None
    last: int | None
    count: int
    distinct: int
    gaps: list[tuple[int, int]]
    """First and last number of each run that is missing."""

    @property
    def doubled(self) -> int:
        """Count the invoices whose number another one has, too."""
        return self.count - self.distinct

    @property
    def gaps_told(self) -> str:
        """Give the gaps in words: `3, 7 to 9`, or `none`."""
        told = (
            f"{first}" if first == last else f"{first} to {last}"
            for first, last in self.gaps
        )
        return ", ".join(told) or "none"


def audit_numbers() -> Audit:
    """Look at the numbers of all issued invoices."""
    numbers = Invoice.objects.issued().aggregate(
        first=Min("number"),
        last=Max("number"),
        count=Count("number"),
        distinct=Count("number", distinct=True),
    )
    with connection.cursor() as cursor:
        cursor.execute(GAPS, {"in_front": invoice_numbers.initial_value - 1})
        gaps = [(first, last) for first, last in cursor.fetchall()]
    return Audit(**numbers, gaps=gaps)
