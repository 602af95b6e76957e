"""
Pools and groups: free numbers by row, and on PostgreSQL watermarks and functions.

What is a function there is one for three reasons: it keeps its plan; it fixes an order
that a plain statement leaves open; and each of its statements sees what was committed
while the one before waited for a lock.
"""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from sequences.migrations._collation import compare_by_character

# What is declared last decides where a pool ends: its source may end later.
#
# While somebody's snapshot is held open, numbers that came back and were taken leave dead
# entries at the low end of the index, and the way past them gets long. So a session
# remembers behind which number there may be one: those that are settled later are higher.
# Now and then it looks from the low end on, for those that came back once more. What it
# remembers is a hint, and a rollback takes it back as well.
CLAIM = """
CREATE OR REPLACE FUNCTION sequences_claim(
    series text, source text, highest bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    hint text := current_setting('sequences.returned', true);
    is_hinted boolean := coalesce(
        substr(hint, strpos(hint, ' ') + 1) = series AND random() > 0.02, false);
    behind bigint := -1;
    place bigint;
    number bigint;
BEGIN
    PERFORM pg_current_xact_id();
    IF is_hinted THEN
        behind := split_part(hint, ' ', 1);
    ELSE
        SELECT settled INTO place FROM {pool} WHERE name = series;
    END IF;
    DELETE FROM {pooled_number}
          WHERE (name, value) = (
                SELECT name, value
                  FROM {pooled_number}
                 WHERE name = series
                   AND value > behind
              ORDER BY value
                 LIMIT 1
            FOR UPDATE SKIP LOCKED)
      RETURNING value INTO number;
    IF number IS NULL THEN
        number := nextval(quote_ident(source)::regclass);
    ELSE
        place := number;
    END IF;
    IF place IS NOT NULL THEN
        PERFORM set_config('sequences.returned', place || ' ' || series, false);
    END IF;
    IF number > highest THEN
        RAISE EXCEPTION 'sequence % has no number left', quote_literal(series)
              USING ERRCODE = 'sequence_generator_limit_exceeded';
    END IF;
    RETURN number;
END
$$
"""

# Who leads a group holds its lock; the others wait. Whoever then finds his own document
# numbered is done. The statements come whole, with their values quoted by the driver.
TAKE_PART = """
CREATE OR REPLACE FUNCTION sequences_take_part(
    queue bigint, numbering text, own text, highest bigint,
    OUT size bigint, OUT own_number bigint)
LANGUAGE plpgsql AS $$
DECLARE
    moved bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(queue);
    size := 0;
    IF own IS NOT NULL THEN
        EXECUTE own INTO own_number;
    END IF;
    IF own_number IS NULL THEN
        EXECUTE numbering INTO size, moved;
        IF moved > highest THEN
            RAISE EXCEPTION 'sequence has too few numbers for % documents', size
                  USING ERRCODE = 'sequence_generator_limit_exceeded';
        END IF;
        IF own IS NOT NULL THEN
            EXECUTE own INTO own_number;
        END IF;
    END IF;
END
$$
"""

FORGET_FUNCTIONS = """
DROP FUNCTION IF EXISTS sequences_claim(text, text, bigint);
DROP FUNCTION IF EXISTS
     sequences_take_part(bigint, text, text, bigint)
"""


def compare_names_by_character(
    apps: StateApps, schema_editor: BaseDatabaseSchemaEditor
) -> None:
    compare_by_character(schema_editor, apps.get_model("sequences", "Pool"))
    compare_by_character(schema_editor, apps.get_model("sequences", "PooledNumber"))


def create_functions(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        quoted = {
            name: schema_editor.connection.ops.quote_name(
                apps.get_model("sequences", model)._meta.db_table
            )
            for name, model in (("pool", "Pool"), ("pooled_number", "PooledNumber"))
        }
        schema_editor.execute(CLAIM.format(**quoted), params=None)
        schema_editor.execute(TAKE_PART, params=None)


def forget_functions(_: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FORGET_FUNCTIONS, params=None)


class Migration(migrations.Migration):
    dependencies = [("sequences", "0003_names_by_character")]

    operations = [
        migrations.CreateModel(
            name="Pool",
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
                ("settled", models.BigIntegerField(verbose_name="settled up to")),
                (
                    "drawn",
                    models.BigIntegerField(null=True, verbose_name="marked up to"),
                ),
                (
                    "horizon",
                    models.BigIntegerField(null=True, verbose_name="transaction id"),
                ),
            ],
            options={"verbose_name": "pool", "verbose_name_plural": "pools"},
        ),
        migrations.CreateModel(
            name="PooledNumber",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "name",
                        "value",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("value", models.BigIntegerField(verbose_name="number")),
            ],
            options={
                "verbose_name": "free number",
                "verbose_name_plural": "free numbers",
            },
        ),
        migrations.RunPython(
            compare_names_by_character, migrations.RunPython.noop, atomic=False
        ),
        migrations.RunPython(create_functions, forget_functions, atomic=False),
    ]
