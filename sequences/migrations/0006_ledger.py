"""The ledger: what became of each number, and which sequences are closed."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from sequences.migrations._collation import compare_by_character


def compare_by_every_character(
    apps: StateApps, schema_editor: BaseDatabaseSchemaEditor
) -> None:
    entry = apps.get_model("sequences", "LedgerEntry")
    compare_by_character(schema_editor, entry)
    compare_by_character(schema_editor, entry, "key")
    compare_by_character(schema_editor, apps.get_model("sequences", "ClosedSequence"))


class Migration(migrations.Migration):
    dependencies = [("sequences", "0005_advance")]

    operations = [
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100, verbose_name="sequence")),
                ("first", models.BigIntegerField(verbose_name="first number")),
                ("last", models.BigIntegerField(verbose_name="last number")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reserved", "reserved"),
                            ("assigned", "assigned"),
                            ("void", "void"),
                        ],
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        max_length=200, null=True, verbose_name="idempotency key"
                    ),
                ),
                (
                    "document",
                    models.CharField(
                        blank=True, max_length=255, verbose_name="document"
                    ),
                ),
                (
                    "user",
                    models.CharField(blank=True, max_length=255, verbose_name="user"),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, max_length=1_000, verbose_name="reason"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="time")),
            ],
            options={
                "verbose_name": "ledger entry",
                "verbose_name_plural": "ledger entries",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("name", "key"), name="sequences_ledger_key"
                    )
                ],
                "indexes": [
                    models.Index(
                        fields=["name", "state", "first"],
                        name="sequences_ledger_number",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ClosedSequence",
            fields=[
                (
                    "name",
                    models.CharField(
                        max_length=100,
                        primary_key=True,
                        serialize=False,
                        verbose_name="name",
                    ),
                ),
                ("last", models.BigIntegerField(null=True, verbose_name="last value")),
                (
                    "user",
                    models.CharField(blank=True, max_length=255, verbose_name="user"),
                ),
                ("reason", models.CharField(max_length=1_000, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="time")),
            ],
            options={
                "verbose_name": "closed sequence",
                "verbose_name_plural": "closed sequences",
            },
        ),
        migrations.RunPython(
            compare_by_every_character, migrations.RunPython.noop, atomic=False
        ),
    ]
