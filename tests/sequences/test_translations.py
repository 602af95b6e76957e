"""What people read in the admin is there in each language that we ship."""

from __future__ import annotations

import ast
import gettext
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils import translation

import sequences
from sequences.models import Sequence

PACKAGE = Path(sequences.__file__).parent
CATALOGUES = sorted(PACKAGE.glob("locale/*/LC_MESSAGES/django.po"))


def marked() -> Iterator[str]:
    """Give the texts that our modules mark for translation."""
    for module in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            match node:
                case ast.Call(func=ast.Name("_"), args=[ast.Constant(str(text))]):
                    yield text


def translated(catalogue: Path) -> dict[str, str]:
    """Give the texts of a catalogue and what they became; uncertain ones are none."""
    with catalogue.open("rb") as file:
        messages = read_po(file)
    return {str(it.id): it.string for it in messages if it.id and not it.fuzzy}


@pytest.fixture(params=CATALOGUES, ids=lambda it: it.parts[-3])
def catalogue(request) -> Path:
    """A catalogue that we ship."""
    return request.param


def test_no_text_is_missing(catalogue):
    """A page is not half in one language and half in another."""
    known = translated(catalogue)
    assert {text for text in marked() if not known.get(text)} == set()


def test_it_is_compiled_as_it_is_written(catalogue):
    """Django reads the compiled file: run ``make messages`` after a change."""
    with catalogue.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for text, told in translated(catalogue).items():
        assert compiled.gettext(text) == told


def test_what_begins_small_begins_small_in_the_others(catalogue):
    """Django itself makes the first letter of a name large where it heads something."""
    for text, told in translated(catalogue).items():
        if text[0].islower() and not catalogue.match("*/de/*/*"):  # German nouns
            assert not told[0].isupper(), told


def test_the_main_languages_are_there():
    """Those of the laws that ask for such numbers, and of many who write them."""
    there = {catalogue.parts[-3] for catalogue in CATALOGUES}
    languages = "cs da de el es fi fr it ja nb nl pl pt sv zh_Hans"
    assert set(languages.split()) - there == set()


def test_django_finds_them():
    """The name of a model is told in the language of the request."""
    with translation.override("de"):
        assert Sequence._meta.verbose_name_plural == "Nummernfolgen"
    with translation.override("pt-br"):
        assert Sequence._meta.get_field("last").verbose_name == "último valor"
