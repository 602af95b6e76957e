"""Check digits and payment references, against what others have published."""

import sys
from string import ascii_uppercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequences.check_digits import (
    SCHEMES,
    CheckDigitError,
    Scheme,
    StdnumMissing,
    check_digits,
)

# Each with where it was read.
PUBLISHED = [
    ("luhn", "79927398713"),  # Wikipedia, "Luhn algorithm", until 2023
    ("luhn", "17893729974"),  # Wikipedia, "Luhn algorithm"
    ("damm", "5724"),  # Wikipedia, "Damm algorithm"
    ("verhoeff", "2363"),  # Wikipedia, "Verhoeff algorithm"
    ("verhoeff", "12340"),  # python-stdnum, stdnum.verhoeff
    ("mod11-2", "079X"),  # python-stdnum, stdnum.iso7064.mod_11_2
    ("mod11-2", "0000000218250097"),  # ORCID's "Structure of the ORCID Identifier"
    ("mod37-2", "G123489654321Y"),  # python-stdnum, stdnum.iso7064.mod_37_2
    ("mod37-36", "A12425GABC1234002M"),  # IFPI, "Global Release Identifier"
    ("mod97-10", "9999123456789012141490"),  # python-stdnum, stdnum.iso7064.mod_97_10
    ("belgian", "010806817183"),  # Febelfin's example, in stdnum.be.ogm_vcs
    ("swiss-qr", "210000000003139471430009017"),  # SIX, "IG QR-bill", 3.2
    ("rf", "RF18539007547034"),  # Wikipedia, "Creditor Reference"
    ("rf", "RF712348231"),  # Wikipedia, "Creditor Reference"
    ("finnish", "1234561"),  # Finance Finland, "Kotimaisen viitteen rakenneohje"
    ("finnish", "1234567123456784"),  # JustOn, "Setting Up Finnish Reference Number"
    ("finnish", "123453"),  # J. Walder, "How to generate a reference number"
    ("kid10", "12344"),  # norwegian-numbers, README
    ("kid10", "2345676"),  # NAV, mulighetsrommet, ModulusTest
    ("kid10", "602243"),  # Monitor ERP, "Getting started with KID numbers"
    ("kid11", "12343"),  # norwegian-numbers, README
    ("kid11", "0365327"),  # NAV, mulighetsrommet, ModulusTest
    ("kid11", "036536-"),  # NAV, mulighetsrommet, ModulusTest
    ("kid11", "12345678903"),  # NAV, mulighetsrommet, ModulusTest
    ("ocr", "18108401345678778"),  # ocrgenerator, checked against Bankgirot's own page
    ("ocr", "1636976"),  # the same
    ("ocr-length", "201912193"),  # the same
    ("ocr-length", "2019120720030"),  # the same
]


@pytest.mark.parametrize(("name", "published"), PUBLISHED)
def test_published_examples(name: str, published: str):
    """What others have published is valid, and is what we append."""
    scheme = SCHEMES[name]
    content = published[4:] if scheme.in_front else published[: -scheme.width]
    assert scheme.append(content) == published
    assert scheme.is_valid(published)


def test_each_scheme_has_a_published_example():
    """No scheme rests on our own reading alone."""
    assert {name for name, _ in PUBLISHED} == set(SCHEMES)


def test_the_length_is_part_of_the_number():
    """A Swedish length digit counts all digits, itself and the check digit too."""
    assert SCHEMES["ocr-length"].append("12345678")[8] == "0"  # of 10
    assert SCHEMES["ocr-length"].append("1234567")[7] == "9"
    other_length = SCHEMES["ocr"].append("123456788")
    assert not SCHEMES["ocr-length"].is_valid(other_length)


@st.composite
def content(draw: st.DrawFn) -> tuple[Scheme, str]:
    """Give a scheme and a text of digits that it is for."""
    scheme = draw(st.sampled_from(list(SCHEMES.values())))
    text = st.text(
        alphabet=digits, min_size=scheme.shortest, max_size=min(scheme.longest, 40)
    )
    return scheme, draw(text)


@given(content(), st.data())
def test_a_wrong_digit_is_found(example: tuple[Scheme, str], data: st.DataObject):
    """Every scheme finds every single wrong digit."""
    scheme, text = example
    right = scheme.append(text)
    assert scheme.is_valid(right)
    places = [at for at, each in enumerate(right) if each in digits]
    at = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from([each for each in digits if each != right[at]]))
    assert not scheme.is_valid(right[:at] + other + right[at + 1 :])


@pytest.mark.parametrize("name", ["damm", "verhoeff", "mod11-2", "mod37-2", "mod97-10"])
@given(text=st.text(alphabet=digits, min_size=2, max_size=40), data=st.data())
def test_swapped_neighbours_are_found(name: str, text: str, data: st.DataObject):
    """The stronger schemes find every swap of two digits that stand side by side."""
    right = SCHEMES[name].append(text)
    at = data.draw(st.integers(0, len(right) - 2))
    swapped = right[:at] + right[at + 1] + right[at] + right[at + 2 :]
    assert SCHEMES[name].is_valid(swapped) is (swapped == right)


@pytest.mark.parametrize("name", ["mod37-2", "mod37-36", "mod97-10", "rf"])
@given(text=st.text(alphabet=ascii_uppercase, min_size=1, max_size=20), data=st.data())
def test_a_wrong_letter_is_found(name: str, text: str, data: st.DataObject):
    """Schemes for letters find each that stands for another."""
    scheme = SCHEMES[name]
    right = scheme.append(text)
    at = data.draw(st.integers(0, len(text) - 1)) + (scheme.width * scheme.in_front)
    letters = [each for each in ascii_uppercase if each != right[at]]
    other = data.draw(st.sampled_from(letters))
    assert not scheme.is_valid(right[:at] + other + right[at + 1 :])


@given(st.sampled_from(list(SCHEMES.values())), st.text() | st.none() | st.integers())
def test_anything_is_valid_or_not(scheme: Scheme, text: object):
    """No text is too strange to be refused; and what is valid has its check digits."""
    valid = scheme.is_valid(text)  # type: ignore[arg-type]
    assert valid in (True, False)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("luhn", "", "No 'luhn' check digit: it is for 1 to 100 characters, got 0."),
        (
            "luhn",
            "1" * 101,
            "No 'luhn' check digit: it is for 1 to 100 characters, got 101.",
        ),
        ("luhn", "12a", "No 'luhn' check digit: it is for digits, got 'a'."),
        ("luhn", "\u0663", "No 'luhn' check digit: it is for digits, got '\u0663'."),
        ("luhn", 12, "No 'luhn' check digit: it is for text, got int."),
        ("rf", "ab", "No 'rf' check digit: it is for digits and A to Z, got 'a'."),
        (
            "belgian",
            "123",
            "No 'belgian' check digit: it is for 10 characters, got 3.",
        ),
        (
            "finnish",
            "12",
            "No 'finnish' check digit: it is for 3 to 19 characters, got 2.",
        ),
    ],
)
def test_what_a_scheme_is_not_for_is_refused(name: str, text: str, sentence: str):
    """Texts of other characters or lengths get no check digit."""
    with pytest.raises(CheckDigitError) as refusal:
        check_digits(name).append(text)
    assert str(refusal.value) == sentence


def test_an_unknown_scheme_is_refused():
    """The refusal names those that there are."""
    with pytest.raises(CheckDigitError) as refusal:
        check_digits("lun")
    assert str(refusal.value) == (
        "There is no check digit 'lun'. Use: luhn, damm, verhoeff, mod11-2, mod37-2, "
        "mod37-36, mod97-10, belgian, swiss-qr, rf, finnish, kid10, kid11, ocr, "
        "ocr-length."
    )


def test_without_python_stdnum_it_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
):
    """Only who uses such a scheme needs the library; the refusal names the extra."""
    monkeypatch.setitem(sys.modules, "stdnum.luhn", None)
    assert SCHEMES["finnish"].append("123456") == "1234561"
    with pytest.raises(StdnumMissing) as refusal:
        SCHEMES["luhn"].append("123456")
    assert str(refusal.value) == (
        "Check digit 'luhn' comes from python-stdnum, which is not installed. "
        "Run: pip install 'django-seriatim[check-digits]'"
    )
