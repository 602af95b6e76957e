"""What README and docs show is what happens."""

from __future__ import annotations

import inspect
import io
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import (
    CommandError,
    call_command,
    get_commands,
    load_command_class,
)
from django.core.management.base import SystemCheckError
from django.db import transaction

from services.testing import Steppers, stubs
from tests.docs.pages import (
    PAGES,
    ROOT,
    assert_same,
    blocks_of,
    commands_in,
    run_python,
)

# They are followed in a project of their own, see test_tutorial.py.
FOLLOWED = {"first-gapless-invoice.md"}

TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.name not in FOLLOWED],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
@pytest.mark.django_db(transaction=True, databases=["default", "other"])
@pytest.mark.usefixtures("shop")
def test_page(page: Path, monkeypatch: pytest.MonkeyPatch):
    """Each example runs, and prints or raises what the page says."""
    namespace: dict[str, Any] = {"__name__": "example"}
    for block in blocks_of(page):
        where = f"{page.relative_to(ROOT)}:{block.line}"
        if block.language == "python":
            known = set(namespace)
            assert_same(block.output, run_python(block, namespace), where)
            for name in namespace.keys() - known:
                if name.startswith("test_"):
                    run_test(namespace[name], monkeypatch)
        elif block.language == "py":  # another library's, that is not installed here
            compile(block.text, where, "exec", dont_inherit=True)
        elif block.language == "console":
            for command, told in commands_in(block):
                run_command(command, told, where)


def run_test(function: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Call a test that a page shows, in the transaction that its mark asks for."""
    with stubs() as stub:
        fixtures = {"monkeypatch": monkeypatch, "stub": stub, "stepper": Steppers()}
        wanted = inspect.signature(function).parameters
        run_in_transaction(function, {name: fixtures[name] for name in wanted})


def run_in_transaction(function: Callable[..., None], given: dict[str, Any]) -> None:
    """Put a transaction around a test, as pytest-django does, unless it has its own."""
    marks = getattr(function, "pytestmark", [])
    if any(mark.kwargs.get("transaction") for mark in marks):
        function(**given)
        return
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as TestCase does
    with around:
        function(**given)
        transaction.set_rollback(True)


def run_command(command: str, told: str, where: str) -> None:
    """Run one of manage.py's commands; of others, see that they could be run."""
    words = shlex.split(command, comments=True)
    match words:
        case ["make", target, *_]:
            assert target in TARGETS, f"{where}: no such target: {target}"
        case ["python", "manage.py", name, *arguments] if told:
            assert_same(told, output_of(name, arguments), where)
        case ["python", "manage.py", name, *arguments]:
            command_class = load_command_class(get_commands()[name], name)
            command_class.create_parser("manage.py", name).parse_args(arguments)
        case ["pip", *_]:
            pass  # They ask the network.
        case _:
            pytest.fail(f"{where}: nobody checks the command {command!r}.")


def output_of(name: str, arguments: list[str]) -> str:
    """Run a command in this process; give what it writes, as the shell shows it."""
    out = io.StringIO()
    try:
        call_command(name, *arguments, stdout=out, stderr=out, no_color=True)
    except SystemCheckError as error:  # names itself
        return str(error)
    except CommandError as error:
        return f"{out.getvalue()}CommandError: {error}"
    return out.getvalue()
