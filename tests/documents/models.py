"""Documents with a number, in the shape that tests need them."""

import uuid
from datetime import date

from django.db import connection, models

from sequences import Guarantee, NumberField, Sequence


class Document(models.Model):
    """A thing that gets a number; ``day`` is what it is ordered by."""

    number = models.BigIntegerField(null=True, unique=True)
    day = models.IntegerField(default=0)

    class Meta:
        app_label = "documents"

    def __str__(self) -> str:
        return f"document {self.pk}, number {self.number}"


class Receipt(Document):
    """A document with a table of its own, whose number is in its parent's."""

    class Meta:
        app_label = "documents"


bill_numbers = Sequence(
    "slips",
    format="B-{period:%Y}-{scope.branch}-{value:03d}",
    period="year",
    scope=("branch",),
    column="documents.Bill.number",
)


class Bill(models.Model):
    """A thing that is numbered when it is inserted, by year and branch."""

    day = models.DateField(default=date(2026, 5, 4))
    branch = models.CharField(max_length=10, default="K1")
    number = NumberField(bill_numbers, on="day", text="code", period="counted_in")
    code = models.CharField(max_length=30, unique=True)
    counted_in = models.CharField(max_length=4)
    total = models.IntegerField(default=0)

    class Meta:
        app_label = "documents"
        constraints = (
            models.CheckConstraint(
                name="bill_total_not_negative", condition=models.Q(total__gte=0)
            ),
        )

    def __str__(self) -> str:
        return f"bill {self.code}"


order_numbers = Sequence("cases", column="documents.Order.number")


class Order(models.Model):
    """A thing that is a draft at first."""

    number = NumberField(order_numbers, null=True, unique=True)

    class Meta:
        app_label = "documents"

    def __str__(self) -> str:
        return f"order {self.number}"


class Rush(Order):
    """A draft with a table of its own, whose number is in its parent's."""

    class Meta:
        app_label = "documents"


claim_numbers = Sequence(
    "claims",
    format="C-{period:%Y}-{scope.branch}-{value:03d}",
    period="year",
    scope=("branch",),
    guarantee=Guarantee.GROUPED,
    column="documents.Claim.number",
)


class Claim(models.Model):
    """A thing that is numbered with others, by year and branch."""

    day = models.DateField(default=date(2026, 5, 4))
    branch = models.CharField(max_length=10, default="K1")
    number = NumberField(
        claim_numbers, on="day", text="code", period="counted_in", null=True
    )
    code = models.CharField(max_length=30, null=True, unique=True)  # noqa: DJ001
    counted_in = models.CharField(max_length=4)

    class Meta:
        app_label = "documents"

    def __str__(self) -> str:
        return f"claim {self.code}"


visit_numbers = Sequence(
    "visits",
    period="year",
    timezone="Europe/Paris",
    guarantee=Guarantee.GROUPED,
    column="documents.Visit.number",
)


class Visit(models.Model):
    """A thing that is dated by a moment."""

    at = models.DateTimeField()
    number = NumberField(visit_numbers, on="at", period="counted_in", null=True)
    counted_in = models.CharField(max_length=4, null=True)  # noqa: DJ001

    class Meta:
        app_label = "documents"
        constraints = (
            models.UniqueConstraint(
                fields=("counted_in", "number"), name="visit_number"
            ),
        )

    def __str__(self) -> str:
        return f"visit {self.number}"


parcel_numbers = Sequence(
    "parcels",
    scope=("seller", "depot"),
    guarantee=Guarantee.GROUPED,
    column="documents.Parcel.number",
)


class Parcel(models.Model):
    """A thing whose scope is no text, or one in which capitals are small letters."""

    seller = models.ForeignKey("Seller", models.CASCADE)
    depot = models.CharField(
        max_length=10,
        default="A",
        db_column="the depot",
        db_collation="NOCASE" if connection.vendor == "sqlite" else None,
    )
    number = NumberField(parcel_numbers, text="label", null=True, db_column="No.")
    label = models.CharField(max_length=30, db_column="it says")
    document = models.CharField(max_length=30, default="")  # as in our statements
    place = models.IntegerField(default=0)

    class Meta:
        app_label = "documents"
        constraints = (
            models.UniqueConstraint(
                fields=("seller", "depot", "number"), name="parcel_number"
            ),
        )

    def __str__(self) -> str:
        return f"parcel {self.number}"


ticket_numbers = Sequence(
    "tickets",
    format="{scope.seller}/{value}",
    scope=("seller",),
    guarantee=Guarantee.POOLED,
    block_size=3,
    column="documents.Ticket.number",
)


class Ticket(models.Model):
    """A thing that is numbered for each seller, out of a pool."""

    seller = models.ForeignKey("Seller", models.CASCADE)
    number = NumberField(ticket_numbers, text="code")
    code = models.CharField(max_length=30, unique=True)

    class Meta:
        app_label = "documents"

    def __str__(self) -> str:
        return f"ticket {self.code}"


class Letter(models.Model):
    """A thing whose key is no number, in columns that are not called as its fields."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, db_column="sent as")
    number = models.BigIntegerField(null=True, unique=True, db_column="No.")

    class Meta:
        app_label = "documents"

    def __str__(self) -> str:
        return f"letter {self.number}"


class Two(models.Model):
    """A thing that has two numbers."""

    one = models.BigIntegerField(null=True, unique=True)
    other = models.BigIntegerField(null=True, unique=True)

    class Meta:
        app_label = "documents"

    def __str__(self) -> str:
        return f"{self.one} and {self.other}"


class Reading(models.Model):
    """A thing whose unique values are no numbers of a sequence."""

    level = models.FloatField(null=True, unique=True)
    price = models.DecimalField(null=True, unique=True, max_digits=9, decimal_places=1)

    class Meta:
        app_label = "documents"

    def __str__(self) -> str:
        return f"{self.level} for {self.price}"


class Page(models.Model):
    """A thing of which a document has many."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="pages")

    class Meta:
        app_label = "documents"

    def __str__(self) -> str:
        return f"page {self.pk}"


class Seller(models.Model):
    """Who sells; the name may change."""

    name = models.CharField(max_length=30)

    class Meta:
        app_label = "documents"

    def __str__(self) -> str:
        return self.name


class Sale(models.Model):
    """A thing that is numbered for each seller."""

    seller = models.ForeignKey(Seller, models.CASCADE)
    number = NumberField(Sequence("sales", scope=("seller",)))

    class Meta:
        app_label = "documents"
        constraints = (
            models.UniqueConstraint(fields=("seller", "number"), name="sale_number"),
        )

    def __str__(self) -> str:
        return f"sale {self.number}"
