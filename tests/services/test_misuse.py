"""A wrong class is refused when it is created, with its name, place and remedy."""

import ast
import runpy
from pathlib import Path
from typing import Protocol

import pytest

import services
from services import DefinitionError, Service, ServiceError

CATALOGUE = sorted(Path(__file__).parent.joinpath("misuse").glob("[a-z]*.py"))


@pytest.mark.parametrize("file", CATALOGUE, ids=lambda file: file.stem)
def test_a_wrong_class_is_refused_in_the_words_of_its_docstring(file: Path):
    """Each file of misuse/ holds one wrong class, and opens with the whole refusal."""
    docstring = ast.get_docstring(ast.parse(file.read_text())) or ""
    with pytest.raises(DefinitionError) as refused:
        runpy.run_path(str(file))
    assert str(refused.value) == " ".join(docstring.split())


def test_a_refusal_is_facts_and_one_sentence():
    """A program finds the class, the place and the reason without reading prose."""
    with pytest.raises(DefinitionError) as refused:
        runpy.run_path(str(next(f for f in CATALOGUE if f.stem == "step_misspelt")))
    error = refused.value
    assert isinstance(error, TypeError)
    assert isinstance(error, ServiceError)
    assert error.owner == "IssueInvoice"
    assert error.where == "step_misspelt.py:9"
    assert error.reason == "step 'alocate' has no method. Did you mean 'allocate'?"


def test_a_neighbour_of_the_package_is_not_taken_for_it():
    """A project whose path begins like ours is told its own lines."""
    source = "from services import make\nmake('save', iff='x')"
    file = f"{services.__path__[0]}_of_the_shop/orders.py"
    with pytest.raises(DefinitionError) as refused:
        exec(compile(source, file, "exec"), {})  # noqa: S102
    assert refused.value.where == "orders.py:2"


def test_outside_of_any_class_a_refusal_names_the_module_level():
    """A declaration that belongs to no class yet still tells its line."""
    source = "from services import make\nmake('save', iff='x')"
    with pytest.raises(DefinitionError) as refused:
        exec(compile(source, "/somewhere/shop.py", "exec"), {})  # noqa: S102
    assert str(refused.value) == (
        "<module> (shop.py:2): make() has no option 'iff'. "
        "It has only_if, only_unless, before, after."
    )


class Runner(Protocol):
    def run(self) -> object: ...


class Described:
    def describe(self) -> str:
        return "mine"


class Behind(Service, Runner, Described):
    pass


def test_what_stands_behind_service_replaces_nothing():
    """A mixin, or a protocol, may have names of Service's where its own come first."""
    assert Behind.describe().startswith("Behind")
    assert Behind.run() == Behind.outputs()
