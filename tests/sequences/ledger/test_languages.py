"""Reports in other languages: pages are told in them, and nothing else is."""

import attrs
import pytest
from django.conf import settings
from django.utils.translation import override

from sequences.ledger.findings import Explanation, Gap, Outside, Part
from sequences.ledger.reports import rendered
from tests.sequences.ledger.test_reports import (
    AUDIT,
    CLEAN,
    GIVEN,
    PARTS,
    findings,
)
from tests.sequences.test_translations import CATALOGUES
from tests.sequences.unreadable import Words, unreadable

LANGUAGES = [file.parts[-3].lower().replace("_", "-") for file in CATALOGUES]

EVERYTHING = [
    attrs.evolve(
        AUDIT,
        explained=findings(
            *(Gap(first=3, last=4, count=2, explanation=it) for it in Explanation)
        ),
        outside=findings(Outside(number="-8"), rest=2),
    ),
    attrs.evolve(AUDIT, given_out=None, writers=2),
    PARTS,
    CLEAN,
]

OF_THE_DATABASE = {
    *("invoices", "default", "shop", "invoice", "number", "Invoice", "ada", "order"),
    *("K", "torn", "b", "both", "UTC"),
}
"""Names and reasons in these audits, and the time zone: the same in all languages."""


def test_no_word_on_a_page_is_english_alone():
    """Whatever an audit finds is told in words that can be translated."""
    with unreadable():
        page = rendered(EVERYTHING, "html")
    assert Words(page).found - OF_THE_DATABASE == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_in_which_language_it_is(language):
    """For those who have it read out, and for browsers that would translate it."""
    with override(language):
        page = rendered([AUDIT], "html")
    assert f'<html lang="{language}">' in page
    assert "unexplained" not in page


def test_a_page_is_in_the_language_that_it_says():
    """Also where the active one is not ours, and the texts are in another."""
    with override("uk"):
        page = rendered([AUDIT], "html")
    assert "7 findings are unexplained." in page
    assert '<html lang="en">' in page


def test_a_page_without_a_language_is_english():
    """As where a command has deactivated all."""
    with override(None):
        page = rendered([AUDIT], "html")
    assert '<html lang="en">' in page
    assert "7 findings are unexplained." in page


@pytest.mark.parametrize("form", ["text", "json", "csv"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_programs_read_is_the_same_in_every_language(form, language):
    """Nor does what is shown at a terminal depend on who looks."""
    english = rendered(EVERYTHING, form)
    with override(language):
        assert rendered(EVERYTHING, form) == english


def test_a_form_leaves_the_language_as_it_was():
    """A report in English is no change of the request's language."""
    with override("de"):
        rendered([AUDIT], "text")
        rendered([AUDIT], "csv")
        assert "7 Feststellungen sind ungeklärt." in rendered([AUDIT], "html")


def test_numbers_are_not_grouped(monkeypatch):
    """A number stands on a page as on its document, whatever separates thousands."""
    monkeypatch.setattr(settings, "USE_THOUSAND_SEPARATOR", True)
    large = attrs.evolve(
        AUDIT,
        highest=1234567,
        given_out=1234567,
        gaps=findings(Gap(first=1234567, last=1234568, count=2, given=(GIVEN,))),
        parts=(Part(first=1, last=1234567, count=1234567),),
    )
    with override("de"):
        page = rendered([large], "html")
    assert "1234567 bis 1234568" in page
    assert "1.234" not in page


@pytest.mark.parametrize(
    ("language", "after"),
    [
        ("de", "nach 2009-02-01"),
        ("ja", "2009-02-01 の番号より後"),
        ("zh-hans", "排在 2009-02-01 的号码之后"),
    ],
)
def test_what_is_out_of_order_stands_after_a_later_date(language, after):
    """The number comes after: its date does not, nor is the other one a number."""
    with override(language):
        assert after in rendered([AUDIT], "html")


@pytest.mark.parametrize(
    ("language", "count", "sentence"),
    [
        ("de", 1, "1 Feststellung ist ungeklärt."),
        ("fr", 1, "1 constat reste sans explication."),
        ("pl", 1, "1 ustalenie jest niewyjaśnione."),
        ("pl", 3, "3 ustalenia są niewyjaśnione."),
        ("pl", 5, "5 ustaleń jest niewyjaśnionych."),
        ("pl", 12, "12 ustaleń jest niewyjaśnionych."),
        ("pl", 22, "22 ustalenia są niewyjaśnione."),
        ("ro", 20, "20 de constatări nu au explicație."),
        ("ja", 2, "理由不明の検出事項が 2 件あります。"),
    ],
)
def test_a_count_is_told_in_its_form(language, count, sentence):
    """One, few and many, as the language has them."""
    found = attrs.evolve(CLEAN, doubles=findings(rest=count))
    with override(language):
        assert sentence in rendered([found], "html")
