"""Names that are told apart by every character, on MariaDB and MySQL as elsewhere."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Model

MARIADB = """
    ALTER TABLE {table}
   MODIFY {name} varchar({length}) CHARACTER SET utf8mb4
          COLLATE utf8mb4_nopad_bin {null}
"""

MYSQL = """
    ALTER TABLE {table}
   MODIFY {name} varchar({length}) CHARACTER SET utf8mb4
          COLLATE utf8mb4_0900_bin {null}
"""


def compare_by_character(
    schema_editor: BaseDatabaseSchemaEditor, model: type[Model], name: str = "name"
) -> None:
    """Give the names of a table a collation that takes no two of them for one."""
    connection = schema_editor.connection
    if connection.vendor != "mysql":
        return
    statement = MARIADB if getattr(connection, "mysql_is_mariadb", False) else MYSQL
    quote = connection.ops.quote_name
    field: Any = model._meta.get_field(name)
    schema_editor.execute(
        statement.format(
            table=quote(model._meta.db_table),
            name=quote(name),
            length=field.max_length,
            null="NULL" if field.null else "NOT NULL",
        )
    )
