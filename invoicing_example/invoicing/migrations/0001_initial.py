import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Customer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "email",
                    models.CharField(
                        max_length=254,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[^@\\s]+@[^@\\s]+\\.[^@\\s.]+\\Z",
                                "Enter an email address.",
                                "email",
                            )
                        ],
                    ),
                ),
                ("address", models.CharField(max_length=200)),
                ("city", models.CharField(max_length=100)),
                ("postal_code", models.CharField(blank=True, max_length=20)),
                ("country", models.CharField(max_length=100)),
            ],
            options={
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("drafted_on", models.DateField()),
                (
                    "reference",
                    models.CharField(
                        blank=True,
                        help_text="What the document is called where it came from.",
                        max_length=50,
                        null=True,
                        unique=True,
                    ),
                ),
                (
                    "number",
                    models.PositiveBigIntegerField(
                        editable=False, null=True, unique=True
                    ),
                ),
                ("issued_on", models.DateField(editable=False, null=True)),
                ("recipient", models.TextField(editable=False, null=True)),
                (
                    "total",
                    models.DecimalField(
                        decimal_places=2, editable=False, max_digits=15, null=True
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="invoicing.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="InvoiceLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("description", models.CharField(max_length=200)),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=8)),
                ("unit_price", models.DecimalField(decimal_places=2, max_digits=8)),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="invoicing.invoice",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                fields=["number", "drafted_on", "id"], name="invoice_draft_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("issued_on", None),
                        ("number", None),
                        ("recipient", None),
                        ("total", None),
                    ),
                    models.Q(
                        ("issued_on__isnull", False),
                        ("number__isnull", False),
                        ("recipient__isnull", False),
                        ("total__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="invoice_issued_whole_or_draft",
            ),
        ),
    ]
