"""Imports point down only: example, sequences, services, then attrs and cattrs."""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

BELOW_SERVICES = {"attr", "attrs", "cattr", "cattrs"}
BELOW_SEQUENCES = {"services", "django", "psycopg", "stdnum"} | BELOW_SERVICES

PURE = ("arithmetic", "periods", "formats", "check_digits", "guarantees")
BELOW_PURE = BELOW_SEQUENCES - {"django", "psycopg"}

EXCEPTIONS = {
    "sequences/panels.py": {"debug_toolbar"},
    "sequences/standalone.py": {"pymysql"},
    "services/contrib/opentelemetry.py": {"opentelemetry"},
    "services/pytest_plugin.py": {"pytest"},
    "services/testing.py": {"pytest"},
    "services/threads.py": {"asgiref"},
}


def test_services_stands_on_attrs_and_cattrs():
    """`services` knows neither Django nor a database nor `sequences`."""
    assert services_breaches(ROOT) == []


def test_sequences_stands_on_services_and_django():
    """`sequences` knows neither a project that uses it nor its tests."""
    assert sequences_breaches(ROOT) == []


def test_the_pure_modules_of_sequences_need_no_django():
    """Arithmetic, periods and formats are plain Python, with all that they import."""
    assert pure_breaches(ROOT) == []


def test_the_example_needs_no_tests():
    """What users copy from the example runs without our tests."""
    assert example_breaches(ROOT) == []


def test_services_runs_where_django_is_not_installed():
    """No module of `services` imports Django by a string or through another."""
    program = """if True:
        import importlib, pkgutil, sys
        sys.modules["django"] = None  # what Python itself takes for 'not there'
        import services
        for module in pkgutil.walk_packages(services.__path__, "services."):
            importlib.import_module(module.name)
            print(module.name)
    """
    ended = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert ended.returncode == 0, ended.stderr
    assert "services.errors" in ended.stdout.split()


OF_SERVICES = (
    "which services may not: only attr, attrs, cattr, cattrs, services and the "
    "standard library"
)
OF_SEQUENCES = (
    "which sequences may not: only attr, attrs, cattr, cattrs, django, psycopg, "
    "sequences, services, stdnum and the standard library"
)
OF_PURE_MODULES = (
    "which sequences/formats.py may not reach: only attr, attrs, cattr, cattrs, "
    "sequences, services, stdnum and the standard library"
)


@pytest.mark.parametrize(
    ("file", "line", "breach"),
    [
        ("services/steps.py", "import django.db", f"django.db, {OF_SERVICES}"),
        ("services/steps.py", "import pytest", f"pytest, {OF_SERVICES}"),
        (
            "services/contrib/tracing.py",
            "from opentelemetry import trace",
            f"opentelemetry.trace, {OF_SERVICES}",
        ),
        (
            "services/steps.py",
            "def late(): from sequences import functions",
            f"sequences.functions, {OF_SERVICES}",
        ),
        (
            "sequences/admin.py",
            "from invoicing.models import Invoice",
            f"invoicing.models.Invoice, {OF_SEQUENCES}",
        ),
        ("sequences/testing.py", "import tests", f"tests, {OF_SEQUENCES}"),
        (
            "sequences/formats.py",
            "from django.utils import timezone",
            f"django.utils.timezone, {OF_PURE_MODULES}",
        ),
        (
            "invoicing_example/invoicing/views.py",
            "from tests import settings",
            "tests.settings, which only tests may",
        ),
    ],
)
def test_a_breach_is_told(tmp_path: Path, file: str, line: str, breach: str):
    """A breach is told with its place, what it imports, and what it might."""
    plant(tmp_path, {file: f"import os\n{line}\n"})
    assert all_breaches(tmp_path) == [f"{file}:2 imports {breach}."]


def test_a_breach_behind_another_module_is_told(tmp_path: Path):
    """A pure module is not pure if what it imports is not."""
    plant(
        tmp_path,
        {
            "sequences/formats.py": "from .wording import words",
            "sequences/wording.py": "import json\nimport django\n",
        },
    )
    assert all_breaches(tmp_path) == [
        f"sequences/wording.py:2 imports django, {OF_PURE_MODULES}."
    ]


def test_what_points_down_is_no_breach(tmp_path: Path):
    """Each layer imports itself, what is below it, and what it is excepted for."""
    plant(
        tmp_path,
        {
            "services/steps.py": "import attrs, json\nfrom . import errors",
            "services/testing.py": "import pytest",
            "services/contrib/opentelemetry.py": "from opentelemetry import trace",
            "sequences/models.py": "from django.db import models\nimport services",
            "sequences/formats.py": "from sequences import errors",
            "sequences/errors.py": "import services.errors",
            "invoicing_example/manage.py": "import sequences, config.settings",
            "tests/anything.py": "import tests.settings",
        },
    )
    assert all_breaches(tmp_path) == []


@dataclass(frozen=True, kw_only=True)
class Import:
    """A module, or a name in it, as one line of a file asks for it."""

    file: str
    line: int
    name: str

    @property
    def top(self) -> str:
        return self.name.partition(".")[0]


def services_breaches(root: Path) -> list[str]:
    """Tell what `services` imports and may not."""
    allowed = BELOW_SERVICES | {"services"}
    return package_breaches(root, "services", allowed)


def sequences_breaches(root: Path) -> list[str]:
    """Tell what `sequences` imports and may not."""
    return package_breaches(root, "sequences", BELOW_SEQUENCES | {"sequences"})


def example_breaches(root: Path) -> list[str]:
    """Tell where the example, which may use whatever is installed, imports tests."""
    return [
        f"{each.file}:{each.line} imports {each.name}, which only tests may."
        for path in sorted((root / "invoicing_example").rglob("*.py"))
        for each in imports(root, path.relative_to(root).as_posix())
        if each.top == "tests"
    ]


def pure_breaches(root: Path) -> list[str]:
    """Tell what a pure module imports and may not, itself or through `sequences`."""
    allowed = BELOW_PURE | {"sequences"}
    found = []
    for module in PURE:
        start = f"sequences/{module}.py"
        for file in reach(root, start):
            found += breaches(imports(root, file), f"{start} may not reach", allowed)
    return found


def all_breaches(root: Path) -> list[str]:
    """Tell them all, as the four tests do together."""
    return [
        *services_breaches(root),
        *sequences_breaches(root),
        *pure_breaches(root),
        *example_breaches(root),
    ]


def package_breaches(root: Path, package: str, allowed: set[str]) -> list[str]:
    """Tell the breaches in every file below a folder."""
    found = []
    for path in sorted((root / package).rglob("*.py")):
        file = path.relative_to(root).as_posix()
        more = EXCEPTIONS.get(file, set())
        found += breaches(imports(root, file), f"{package} may not", allowed | more)
    return found


def breaches(found: Iterable[Import], who: str, allowed: set[str]) -> list[str]:
    """Turn each import of something else into a sentence."""
    only = ", ".join(sorted(allowed))
    return [
        f"{each.file}:{each.line} imports {each.name}, which {who}: "
        f"only {only} and the standard library."
        for each in found
        if each.top not in allowed | sys.stdlib_module_names
    ]


def imports(root: Path, file: str) -> Iterator[Import]:
    """Give every import statement of a file, also those inside functions."""
    here = file.removesuffix(".py").split("/")
    for node in ast.walk(ast.parse((root / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = here[: -node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            yield Import(file=file, line=node.lineno, name=name)


def reach(root: Path, file: str) -> set[str]:
    """Give the files of `sequences` that one of them loads, itself among them."""
    reached: set[str] = set()
    ahead = [file] if (root / file).exists() else []
    while ahead:
        here = ahead.pop()
        reached.add(here)
        for each in imports(root, here):
            there = module_file(root, each.name)
            if each.top == "sequences" and there and there not in reached:
                ahead.append(there)
    return reached


def module_file(root: Path, name: str) -> str | None:
    """Give the file of a module, or of the module that a name is in."""
    while name:
        path = name.replace(".", "/")
        for file in (f"{path}.py", f"{path}/__init__.py"):
            if (root / file).exists():
                return file
        name = name.rpartition(".")[0]
    return None


def plant(root: Path, files: dict[str, str]) -> None:
    """Write files, by path and text."""
    for file, text in files.items():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
