"""Which names a sequence may have."""

import pytest

from sequences.names import problem_with, problem_with_name


@pytest.mark.parametrize(
    "name",
    [
        "default",
        "",
        "x" * 100,
        "INV/2024-001 'quoted' \"twice\" %s {brace}",
        "trailing ",
        "invoices\u2014b1f6cdef-367f-49e4-9cf5-bb0d34707af8",
        "\u767a\u7968",
        "\U0001f9fe" * 100,
    ],
)
def test_possible_names(name: str):
    """Whatever a reader can see and a column of 100 characters can hold is possible."""
    assert problem_with_name(name) is None


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (None, "its name must be text, got NoneType."),
        (7, "its name must be text, got int."),
        (b"inv", "its name must be text, got bytes."),
        ("x" * 101, "its name has 101 characters, at most 100 are possible."),
        ("a\x00b", "its name holds the invisible character U+0000."),
        ("a\nb", "its name holds the invisible character U+000A."),
        ("a\x9fb", "its name holds the invisible character U+009F."),
        ("\udc80", "its name holds the invisible character U+DC80."),
        ("a\u202eb", "its name holds the invisible character U+202E."),
        ("a\u2066b", "its name holds the invisible character U+2066."),
        ("a\u200fb", "its name holds the invisible character U+200F."),
        ("a\u200bb", "its name holds the invisible character U+200B."),
        ("\ufeffab", "its name holds the invisible character U+FEFF."),
        (
            "e\u0301",
            (
                "its name is not in Unicode's composed form. "
                "Pass it through unicodedata.normalize('NFC', ...)."
            ),
        ),
    ],
)
def test_impossible_names(name: object, problem: str):
    """What a column cannot hold, or two readers take for the same, is refused."""
    assert problem_with_name(name) == problem


def test_a_text_may_join_its_letters():
    """What nobody counts by is written as its language is."""
    assert problem_with("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645") is None
