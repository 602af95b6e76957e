"""Names that are told apart by every character, on MariaDB and MySQL as elsewhere."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Model

MARIADB = """
    ALTER TABLE {table}
   MODIFY {name} varchar(100) CHARACTER SET utf8mb4
          COLLATE utf8mb4_nopad_bin NOT NULL
"""

MYSQL = """
    ALTER TABLE {table}
   MODIFY {name} varchar(100) CHARACTER SET utf8mb4
          COLLATE utf8mb4_0900_bin NOT NULL
"""


def compare_by_character(
    schema_editor: BaseDatabaseSchemaEditor, model: type[Model]
) -> None:
    """Give the names of a table a collation that takes no two of them for one."""
    connection = schema_editor.connection
    if connection.vendor != "mysql":
        return
    statement = MARIADB if getattr(connection, "mysql_is_mariadb", False) else MYSQL
    quote = connection.ops.quote_name
    schema_editor.execute(
        statement.format(table=quote(model._meta.db_table), name=quote("name"))
    )
