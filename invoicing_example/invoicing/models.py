"""Customers, and their invoices: drafts first, then issued for good."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Self

from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse

CENT = Decimal("0.01")

LONGEST_EMAIL = 254

# People have letters beyond ASCII in front of the @, and Django's EmailField has not.
check_email = RegexValidator(
    r"\A[^@\s]+@[^@\s]+\.[^@\s.]+\Z", "Enter an email address.", "email"
)


class Customer(models.Model):
    """Somebody who gets invoices. May move: an issued invoice keeps what it says."""

    name = models.CharField(max_length=200)
    email = models.CharField(
        max_length=LONGEST_EMAIL, unique=True, validators=[check_email]
    )
    address = models.CharField(max_length=200)
    city = models.CharField(max_length=100)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=100)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def as_recipient(self) -> str:
        """Give the lines that an invoice to this customer bears."""
        place = f"{self.postal_code} {self.city}".strip()
        return f"{self.name}\n{self.address}\n{place}\n{self.country}"


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    """Invoices, and the stages of their life."""

    def drafts(self) -> Self:
        """Give those that are not issued, in the order in which they will be."""
        return self.filter(number=None, issued_on=None).order_by("drafted_on", "pk")

    def waiting(self) -> Self:
        """Give those that are issued but for their number, in the order of it."""
        waiting = self.filter(number=None, issued_on__isnull=False)
        return waiting.order_by("issued_on", "pk")

    def issued(self) -> Self:
        """Give those with a number, by number."""
        return self.exclude(number=None).order_by("number")


class Invoice(models.Model):
    """
    An invoice: a draft until it is issued, and then it never changes again.

    What makes it an invoice (number, date, recipient, total) is written at once, and
    only by the service `IssueInvoice`; `IssueInvoiceInGroup` leaves the number to a
    second transaction.
    """

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="invoices"
    )
    drafted_on = models.DateField()
    reference = models.CharField(
        max_length=50,
        unique=True,
        null=True,
        blank=True,
        help_text="What the document is called where it came from.",
    )

    number = models.PositiveBigIntegerField(unique=True, null=True, editable=False)
    issued_on = models.DateField(null=True, editable=False)
    recipient = models.TextField(null=True, editable=False)  # noqa: DJ001 - all or none
    total = models.DecimalField(
        max_digits=15, decimal_places=2, null=True, editable=False
    )

    DRAFTED = ("customer", "drafted_on", "reference")
    ISSUED = ("number", "issued_on", "recipient", "total")

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        indexes = [
            # Drafts in their order: the next one is found without looking at others.
            models.Index(
                fields=["number", "drafted_on", "id"], name="invoice_draft_order"
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="invoice_issued_whole_or_draft",
                condition=models.Q(
                    number=None, issued_on=None, recipient=None, total=None
                )
                | models.Q(
                    issued_on__isnull=False,
                    recipient__isnull=False,
                    total__isnull=False,
                ),
            )
        ]

    def __str__(self) -> str:
        if self.is_draft:
            return f"draft {self.pk}"
        return f"invoice {self.number or 'without a number yet'}"

    def save(self, *args: Any, **options: Any) -> None:
        """
        Write what a draft has; what makes it an invoice only if it is named.

        An object that was read before somebody else issued the draft knows no number,
        and one whose transaction was rolled back knows a wrong one. Neither is written.
        """
        if not self._state.adding and options.get("update_fields") is None:
            options["update_fields"] = self.DRAFTED
        super().save(*args, **options)

    def get_absolute_url(self) -> str:
        return reverse("invoice", args=[self.pk])

    @property
    def is_draft(self) -> bool:
        """Tell whether it is not issued yet."""
        return self.issued_on is None

    @property
    def sum_of_lines(self) -> Decimal:
        """Add the lines up, as they are now; each is rounded to the cent."""
        return sum((line.amount for line in self.lines.all()), Decimal(0))


class InvoiceLine(models.Model):
    """One thing sold, or a discount if its price is negative."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    description = models.CharField(max_length=200)
    quantity = models.DecimalField(max_digits=8, decimal_places=3)
    unit_price = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.description

    @property
    def amount(self) -> Decimal:
        """Give what it costs, rounded to the cent."""
        exact = self.quantity * self.unit_price
        return exact.quantize(CENT, rounding=ROUND_HALF_UP)
