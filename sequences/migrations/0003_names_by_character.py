"""
On MariaDB and MySQL, tell names apart by every character.

Their default collation takes 'INV', 'inv' and 'inv ' for one name, and so for one
counter; the other databases never did. The table holds one row a name, so the change
cannot meet two rows that become the same.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from sequences.migrations._collation import compare_by_character


def compare_names_by_character(
    apps: StateApps, schema_editor: BaseDatabaseSchemaEditor
) -> None:
    compare_by_character(schema_editor, apps.get_model("sequences", "Sequence"))


class Migration(migrations.Migration):
    dependencies = [("sequences", "0002_alter_sequence_last")]

    operations = [
        migrations.RunPython(
            compare_names_by_character,
            migrations.RunPython.noop,
            atomic=False,  # these databases commit a change of a table at once
        ),
    ]
