"""What people read in the admin and on pages is there in each language that we ship."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po
from django.utils import translation

import sequences
from sequences.ledger.findings import Explanation
from sequences.models import Sequence

PACKAGE = Path(sequences.__file__).parent
CATALOGUES = sorted(PACKAGE.glob("locale/*/LC_MESSAGES/django.po"))

IN_PYTHON = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "pgettext_lazy": DEFAULT_KEYWORDS["pgettext"],
}
IN_TEMPLATE = re.compile(r'{% translate "(.+?)"(?: context "(.+?)")? %}')

OF_DJANGO = {("Home", None)}
"""What our templates say in the words of Django's own admin."""

Text = tuple[str, str | None]
"""A text, the first of those with a plural, and its context."""


@cache
def marked() -> frozenset[Text]:
    """Give the texts that are marked for translation."""
    found: set[Text] = {(each.value, "audit") for each in Explanation}
    for module in PACKAGE.rglob("*.py"):
        found |= marked_in(module)
    for template in PACKAGE.rglob("*.html"):
        source = template.read_text()
        told = IN_TEMPLATE.findall(source)
        assert len(told) == source.count("translate "), "it is written in another way"
        found |= {(text, context or None) for text, context in told}
    return frozenset(found - OF_DJANGO)


def marked_in(module: Path) -> set[Text]:
    """Give the texts that a module marks."""
    with module.open("rb") as file:
        return {
            (text if isinstance(text, str) else text[0], context)
            for _, text, _, context in extract("python", file, IN_PYTHON)
        }


def messages(catalogue: Catalog) -> Iterator[tuple[Text, Message]]:
    """Give the messages of a catalogue, without its header."""
    for message in catalogue:
        if message.id:
            yield (forms(message.id)[0], message.context), message


def forms(told: str | tuple[str, ...]) -> tuple[str, ...]:
    """Give the forms of a text: one, or singular and plurals."""
    return (told,) if isinstance(told, str) else tuple(told)


def placeholders(text: str) -> set[str]:
    """Give the names of what is put into a text."""
    return set(re.findall(r"%\((\w+)\)s", text))


@pytest.fixture(params=CATALOGUES, ids=lambda it: it.parts[-3])
def file(request) -> Path:
    """The file of a catalogue that we ship."""
    return request.param


@pytest.fixture
def catalogue(file: Path) -> Catalog:
    """What is written there."""
    with file.open("rb") as written:
        return read_po(written)


def test_no_text_is_missing(catalogue):
    """A page is not half in one language and half in another."""
    known = {
        text
        for text, message in messages(catalogue)
        if all(forms(message.string)) and not message.fuzzy
    }
    assert marked() - known == set()


def test_a_word_or_two_has_a_context():
    """Else another app that says the same, and means something else, would win.

    Names of models and fields have none, as everywhere in Django.
    """
    names = marked_in(PACKAGE / "models.py") | marked_in(PACKAGE / "apps.py")
    alone = {text for text, context in marked() - names if context is None}
    words = {text for text in alone if "%" not in text}
    assert {text for text in words if len(text.split()) <= 2} == set()


def test_no_text_is_left_over(catalogue):
    """What is said no more need not be translated."""
    assert {text for text, _ in messages(catalogue)} - marked() == set()


def test_it_is_compiled_as_it_is_written(catalogue, file):
    """Django reads the compiled file: run ``make messages`` after a change."""
    with file.with_suffix(".mo").open("rb") as compiled_file:
        compiled = gettext.GNUTranslations(compiled_file)
    for (text, context), message in messages(catalogue):
        if isinstance(message.id, tuple):
            found = {compiled.ngettext(*message.id, count) for count in range(200)}
        elif context is None:
            found = {compiled.gettext(text)}
        else:
            found = {compiled.pgettext(context, text)}
        assert found == set(forms(message.string))


def test_plural_forms_are_those_of_the_language(file):
    """Counts share a form here where they share one in the language, and only there."""
    name = file.parts[-3]
    # Babel knows what Unicode says; its "pt" is spoken in Brazil.
    language = Locale.parse("pt_PT" if name == "pt" else name)
    with file.open("rb") as written:
        form = gettext.c2py(header(read_po(written)))
    pairs = {(language.plural_form(count), form(count)) for count in range(200)}
    assert (
        len(pairs) == len({kind for kind, _ in pairs}) == len({it for _, it in pairs})
    )


def header(catalogue: Catalog) -> str:
    """Give the expression that tells which plural form goes with a count."""
    [told] = [it for name, it in catalogue.mime_headers if name == "Plural-Forms"]
    return told.partition("plural=")[2].rstrip(";")


def test_each_form_says_all_that_the_text_says(catalogue):
    """No number, name or date is lost, and none is asked for that is not there."""
    for (text, _), message in messages(catalogue):
        for told in forms(message.string):
            assert placeholders(told) == placeholders(text), told


def test_what_begins_small_begins_small_in_the_others(catalogue, file):
    """Django itself makes the first letter of a name large where it heads something."""
    for (text, _), message in messages(catalogue):
        if text[0].islower() and not file.match("*/de/*/*"):  # German nouns
            for told in forms(message.string):
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
