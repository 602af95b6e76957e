"""
PostgreSQL: a counter moves in a function of the database.

There it keeps its plan, it can be called in the middle of an INSERT, and its statement
sees what was committed while it waited in the queue.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# While somebody's snapshot is held open, the dead versions of a counter pile up, and
# the way through its index from the oldest on gets long. The newest version lies at the
# end of the table: walked backwards, the index meets it first. That costs a little
# more, so it is done only where the last move was beyond the table's first pages. The
# setting by which a session remembers that is a hint: wrong, it costs time alone.
#
# A row that was not found is new, has run out, or was moved by somebody outside of the
# queue: then it is a plain upsert.
ADVANCE = """
CREATE OR REPLACE FUNCTION sequences_advance(
    queue bigint, series text,
    first bigint, step bigint, loop_from bigint, initial bigint, highest bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    is_far boolean :=
        coalesce(current_setting('sequences.is_far', true) = 'yes', false);
    number bigint;
    place tid;
BEGIN
    PERFORM pg_advisory_xact_lock(queue # '{table}'::regclass::int8);
    IF is_far THEN
        UPDATE {table}
           SET last = CASE WHEN last >= loop_from THEN initial ELSE last + step END
         WHERE ctid = (SELECT ctid FROM {table}
                        WHERE name <= series ORDER BY name DESC LIMIT 1)
           AND name = series
           AND last <= highest
     RETURNING last, ctid INTO number, place;
    ELSE
        UPDATE {table}
           SET last = CASE WHEN last >= loop_from THEN initial ELSE last + step END
         WHERE name = series
           AND last <= highest
     RETURNING last, ctid INTO number, place;
    END IF;
    IF number IS NULL THEN
        INSERT INTO {table} AS counter (name, last)
             VALUES (series, first)
        ON CONFLICT (name)
      DO UPDATE SET last = CASE WHEN counter.last >= loop_from THEN initial
                                ELSE counter.last + step END
              WHERE counter.last <= highest
          RETURNING last, ctid INTO number, place;
    END IF;
    IF (place > '(8,0)') <> is_far THEN
        PERFORM set_config(
            'sequences.is_far', CASE WHEN is_far THEN 'no' ELSE 'yes' END, false);
    END IF;
    RETURN number;
END
$$
"""

# Inside of an INSERT there is nobody who could look at an answer: it fails.
NEXT = """
CREATE OR REPLACE FUNCTION sequences_next(
    queue bigint, series text,
    first bigint, step bigint, loop_from bigint, initial bigint, highest bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    number bigint := sequences_advance(
        queue, series, first, step, loop_from, initial, highest);
BEGIN
    IF number IS NULL THEN
        RAISE EXCEPTION 'sequence % has no number left', quote_literal(series)
              USING ERRCODE = 'sequence_generator_limit_exceeded';
    END IF;
    RETURN number;
END
$$
"""

FORGET_FUNCTIONS = """
DROP FUNCTION IF EXISTS
     sequences_next(bigint, text, bigint, bigint, bigint, bigint, bigint),
     sequences_advance(bigint, text, bigint, bigint, bigint, bigint, bigint)
"""


def create_functions(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        table = apps.get_model("sequences", "Sequence")._meta.db_table
        quoted = schema_editor.connection.ops.quote_name(table)
        schema_editor.execute(ADVANCE.format(table=quoted), params=None)
        schema_editor.execute(NEXT, params=None)


def forget_functions(_: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FORGET_FUNCTIONS, params=None)


class Migration(migrations.Migration):
    dependencies = [("sequences", "0004_pools")]

    operations = [migrations.RunPython(create_functions, forget_functions)]
