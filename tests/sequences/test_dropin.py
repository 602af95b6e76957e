"""A project that used django-sequences changes the distribution, and no line."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import AppConfig, apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

import sequences
from tests.sequences.marks import DATABASE, autocommit, on_postgresql

ROOT = Path(__file__).parent.parent.parent

OURS = Path(sequences.__file__).parent.parent
"""Where the package under test lies: the checkout, or what a wheel installed."""

OFFLINE = (
    "django-sequences 3.1 could not be installed, so no database made by it was "
    "tested, only its image. `python -m pip install django-sequences==3.1` said: {}"
)

Run = Callable[..., str]

PROJECT = """
from tests.settings import DATABASES, SECRET_KEY, USE_TZ

DATABASES = {{"default": DATABASES["default"] | {{"NAME": "{name}"}}}}
INSTALLED_APPS = ["django.contrib.contenttypes", "sequences.apps.SequencesConfig"]
"""


@pytest.fixture(scope="session")
def django_sequences(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory in which django-sequences 3.1 is installed, and nothing else."""
    directory = tmp_path_factory.mktemp("django-sequences")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    install = ["install", "--no-deps", "--target", str(directory)]
    done = subprocess.run(
        [*pip, "--retries=1", "--timeout=10", *install, "django-sequences==3.1"],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        last_line = done.stderr.strip().rpartition("\n")[2]
        pytest.skip(OFFLINE.format(last_line))
    return directory


@pytest.fixture
def run(transactional_db: None, tmp_path: Path) -> Iterator[Run]:
    """Runs a program in a Django process on a new, empty database."""
    on_a_server = DATABASE != "sqlite"
    name = f"dropin_{os.getpid()}" if on_a_server else f"{tmp_path}/dropin.sqlite3"
    project = PROJECT.format(name=name)
    (tmp_path / "project_settings.py").write_text(project, encoding="utf-8")
    if on_a_server:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")

    def run(program: str, *, found_first: Path = ROOT) -> str:
        setup = "import django; django.setup()\n"
        # The first entry of the path decides whose `sequences` is imported.
        path = os.pathsep.join(map(str, (found_first, tmp_path, ROOT)))
        ended = subprocess.run(
            [sys.executable, "-c", setup + textwrap.dedent(program)],
            check=False,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=os.environ
            | {"PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "project_settings"},
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    yield run
    if on_a_server:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


MIGRATE = """
    from django.core.management import call_command
    call_command("migrate", verbosity=0)
"""

COUNT = """
    from sequences import get_last_value, get_next_value, get_next_values
    print(get_next_value(), get_next_value("cases"), *get_next_values(2, "cases"))
    print(get_last_value("cases"), get_last_value("never"))
"""

# Where PostgreSQL keeps the rows of the table: a rewritten table has a new place.
FILE = """
    from django.db import connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_filenode('sequences_sequence')")
        print(*cursor.fetchone())
"""

WHOSE = """
    from pathlib import Path
    import sequences
    print(Path(sequences.__file__).parent.parent)
"""

# What django-sequences 3.1 and Django leave in a database, by SQL.
IMAGE = """
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    last = "bigint" if connection.vendor == "postgresql" else "bigint unsigned"
    with connection.cursor() as cursor:
        cursor.execute(f'''
            CREATE TABLE sequences_sequence (
                name varchar(100) NOT NULL PRIMARY KEY,
                last {last} NOT NULL CHECK (last >= 0)
            )
        ''')
        cursor.execute("INSERT INTO sequences_sequence VALUES ('default', 1)")
        cursor.execute("INSERT INTO sequences_sequence VALUES ('cases', 3)")
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    recorder.record_applied("sequences", "0001_initial")
    recorder.record_applied("sequences", "0002_alter_sequence_last")
"""


@pytest.fixture(params=["django-sequences", "image"])
def used(request: pytest.FixtureRequest, run: Run) -> Run:
    """Runs programs on a database that django-sequences made and counted in."""
    if request.param == "image":
        run(IMAGE)
    else:
        theirs: Path = request.getfixturevalue("django_sequences")
        told = run(WHOSE + MIGRATE + COUNT, found_first=theirs)
        assert told == f"{theirs}\n1 1 2 3\n3 None"
    return run


def test_counting_goes_on_after_migrate(used: Run):
    """Their tables are migrated, and the next number is the next."""
    assert used(WHOSE + MIGRATE + COUNT) == f"{OURS}\n2 4 5 6\n6 None"


@on_postgresql
def test_migrate_rewrites_no_row(run: Run):
    """The file that holds the counters stays: nobody waits for a million of them."""
    run(IMAGE)
    before, after = run(FILE + MIGRATE + FILE).splitlines()
    assert before == after


def test_counting_goes_on_before_migrate(used: Run):
    """Code may be deployed before migrate has run."""
    assert used(COUNT + MIGRATE + COUNT) == "2 4 5 6\n6 None\n3 7 8 9\n9 None"


def test_both_count_side_by_side(run: Run, django_sequences: Path):
    """During a deployment some processes are theirs and some ours: no gap, no double.

    Also after migrate, in case theirs come back.
    """
    draw = """
    from sequences import get_next_value
    print(get_next_value())
    """
    numbers = [
        run(MIGRATE + draw, found_first=django_sequences),
        run(draw),
        run(draw, found_first=django_sequences),
        run(MIGRATE + draw),
        run(draw, found_first=django_sequences),
    ]
    assert numbers == ["1", "2", "3", "4", "5"]


def test_names_are_told_apart_after_migrate(used: Run):
    """On MariaDB 'inv' was 'INV'; migrated, each has its counter, and none is lost."""
    first = """
    from sequences import get_next_value
    get_next_value("INV")
    """
    then = """
    print(*(get_next_value(name) for name in ("INV", "inv", "inv ")))
    """
    told = used(first + MIGRATE + then)
    assert told == "2 1 1"


@pytest.fixture
def shop(run: Run, tmp_path: Path) -> Run:
    """Runs programs in a project with an app that was written for django-sequences."""
    files = {
        "shop/__init__.py": "",
        "shop/models.py": """
            from django.db import models
            from sequences import Sequence, get_next_value

            order_numbers = Sequence("orders", 1000)

            def next_number():
                return get_next_value("invoices")

            class Order(models.Model):
                id = models.AutoField(primary_key=True)
                number = models.IntegerField(default=next_number)
        """,
        "shop/migrations/__init__.py": "",
        "shop/migrations/0001_initial.py": """
            from django.db import migrations, models
            import shop.models
            from sequences import get_next_value

            def start(apps, schema_editor):
                get_next_value("invoices", initial_value=500)

            class Migration(migrations.Migration):
                dependencies = [("sequences", "0002_alter_sequence_last")]
                operations = [
                    migrations.CreateModel(
                        name="Order",
                        fields=[
                            (
                                "id",
                                models.AutoField(primary_key=True, serialize=False),
                            ),
                            (
                                "number",
                                models.IntegerField(default=shop.models.next_number),
                            ),
                        ],
                    ),
                    migrations.RunPython(start),
                ]
        """,
    }
    for file, text in files.items():
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    with (tmp_path / "project_settings.py").open("a", encoding="utf-8") as project:
        project.write("INSTALLED_APPS.insert(0, 'shop')\n")
    return run


def test_an_app_written_for_django_sequences(shop: Run):
    """Imports in models.py, before apps are ready, and migrations that depend on
    theirs or start a counter: all work, and nothing is left to migrate or to check.
    """
    told = shop(
        MIGRATE
        + """
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    call_command("check", fail_level="WARNING")
    from shop.models import Order, order_numbers
    print(Order.objects.create().number, next(order_numbers))
    """
    )
    assert told.splitlines()[-1] == "501 1000"


def test_an_app_under_another_label(run: Run, tmp_path: Path):
    """A project may relabel the app, as it may with django-sequences."""
    (tmp_path / "numbering.py").write_text(
        textwrap.dedent("""
            from sequences.apps import SequencesConfig

            class NumberingConfig(SequencesConfig):
                label = "numbering"
        """),
        encoding="utf-8",
    )
    with (tmp_path / "project_settings.py").open("a", encoding="utf-8") as project:
        project.write("INSTALLED_APPS[-1] = 'numbering.NumberingConfig'\n")
        project.write("MIGRATION_MODULES = {'numbering': None}\n")
    told = run("""
        from django.core.management import call_command
        call_command("migrate", run_syncdb=True, verbosity=0)
        call_command("check", fail_level="WARNING")
        from sequences import get_next_value
        from sequences.models import Sequence
        print(get_next_value(), Sequence._meta.db_table)
    """)
    assert told.splitlines()[-1] == "1 numbering_sequence"


@autocommit
def test_nothing_is_left_to_migrate():
    """Models and migrations say the same."""
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_app_is_where_it_was():
    """INSTALLED_APPS may name the app's config, or the app."""
    assert "sequences.apps.SequencesConfig" in settings.INSTALLED_APPS
    assert type(AppConfig.create("sequences")) is type(apps.get_app_config("sequences"))


@autocommit
def test_the_table_is_where_it_was():
    """Name and columns are those that SQL of the project may use."""
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(
            cursor, "sequences_sequence"
        )
    assert [column.name for column in columns] == ["name", "last"]
