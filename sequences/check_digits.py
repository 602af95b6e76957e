"""
Check digits and payment references: they show that a number was mistyped.

Pure: no Django, no database. What python-stdnum knows comes from there.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from string import ascii_uppercase, digits
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from services.wording import short

if TYPE_CHECKING:
    from collections.abc import Mapping

ALPHANUMERIC: Final = digits + ascii_uppercase
LONGEST: Final = 100


class CheckDigitError(ValueError):
    """
    A text cannot be given a check digit. The sentence says why.

    .. versionadded:: 0.1
    """


class StdnumMissing(ImportError):
    """
    A check digit comes from python-stdnum, and that is not installed.

    :ivar scheme: the name of the scheme.

    .. versionadded:: 0.1
    """

    def __init__(self, scheme: str) -> None:
        self.scheme = scheme
        super().__init__(
            f"Check digit {scheme!r} comes from python-stdnum, which is not installed. "
            f"Run: pip install 'django-seriatim[check-digits]'"
        )


@frozen(kw_only=True)
class Scheme:
    """
    One way of making a number that shows that it was mistyped.

    :ivar name: what it is called in a format, as in ``{check:luhn}``.
    :ivar summary: what it is.
    :ivar width: how many characters it adds.
    :ivar characters: the characters that these may be.
    :ivar alphabet: the characters of the texts that it is for.
    :ivar shortest: the least length of such a text; likewise ``longest``.
    :ivar in_front: whether it stands in front of the text instead of behind it.
    :ivar module: the module of python-stdnum that it needs, or None.

    .. versionadded:: 0.1
    """

    name: str
    summary: str
    width: int = 1
    characters: str = digits
    alphabet: str = digits
    shortest: int = 1
    longest: int = LONGEST
    in_front: bool = False
    module: str | None = None
    _compute: Callable[[str, Any], str]

    def check(self, text: str) -> str:
        """
        Give the check characters of a text, without the text.

        :raises CheckDigitError: if the scheme is not for such a text.
        :raises StdnumMissing: if it needs python-stdnum, and that is not installed.
        """
        problem = self._problem_with(text)
        if problem is not None:
            raise CheckDigitError(f"No {self.name!r} check digit: {problem}")
        return self._compute(text, self.library())

    def append(self, text: str) -> str:
        """
        Give a text with its check characters.

        They stand behind it; those of ``rf`` in front of it, as the standard says.

        :raises CheckDigitError: if the scheme is not for such a text.
        :raises StdnumMissing: if it needs python-stdnum, and that is not installed.
        """
        check = self.check(text)
        return check + text if self.in_front else text + check

    def is_valid(self, text: str) -> bool:
        """
        Tell whether a text is one that :meth:`append` gives.

        Spaces and other separators belong to no such text: remove them before.

        :raises StdnumMissing: if it needs python-stdnum, and that is not installed.
        """
        if not isinstance(text, str):
            return False
        start, end = (self.width, None) if self.in_front else (0, -self.width)
        content = text[start:end]
        return self._problem_with(content) is None and self.append(content) == text

    def _problem_with(self, text: object) -> str | None:
        if not isinstance(text, str):
            return f"it is for text, got {type(text).__name__}."
        if not self.shortest <= len(text) <= self.longest:
            span = (
                f"{self.longest}"
                if self.shortest == self.longest
                else f"{self.shortest} to {self.longest}"
            )
            return f"it is for {span} characters, got {len(text)}."
        strange = next((each for each in text if each not in self.alphabet), None)
        if strange is not None:
            known = "digits" if self.alphabet == digits else "digits and A to Z"
            return f"it is for {known}, got {short(strange)}."
        return None

    def library(self) -> Any:
        """
        Give the module of python-stdnum that it needs, or None.

        :raises StdnumMissing: if that is not installed.
        """
        if self.module is None:
            return None
        try:
            return import_module(f"stdnum.{self.module}")
        except ImportError as error:
            raise StdnumMissing(self.name) from error


def _from_stdnum(text: str, library: Any) -> str:
    return str(library.calc_check_digit(text))


def _two_from_stdnum(text: str, library: Any) -> str:
    return str(library.calc_check_digits(text))


def _creditor_reference(text: str, mod_97_10: Any) -> str:
    return f"RF{mod_97_10.calc_check_digits(text + 'RF')}"


def _length_and_luhn(text: str, luhn: Any) -> str:
    length = str((len(text) + 2) % 10)
    return length + str(luhn.calc_check_digit(text + length))


def _weights_731(text: str, _: Any) -> str:
    weighted = (int(each) * (7, 3, 1)[at % 3] for at, each in enumerate(text[::-1]))
    return str(-sum(weighted) % 10)


def _weights_2_to_7(text: str, _: Any) -> str:
    weighted = (int(each) * (2 + at % 6) for at, each in enumerate(text[::-1]))
    rest = -sum(weighted) % 11
    return "-" if rest == 10 else str(rest)  # noqa: PLR2004


_ALL: Final = (
    Scheme(
        name="luhn",
        summary="Luhn, as on payment cards; misses a swap of 09 and 90.",
        module="luhn",
        compute=_from_stdnum,
    ),
    Scheme(
        name="damm",
        summary="Damm; finds each wrong digit and each swap of neighbours.",
        module="damm",
        compute=_from_stdnum,
    ),
    Scheme(
        name="verhoeff",
        summary="Verhoeff; finds each wrong digit and each swap of neighbours.",
        module="verhoeff",
        compute=_from_stdnum,
    ),
    Scheme(
        name="mod11-2",
        summary="ISO 7064 mod 11-2; the check digit may be X.",
        characters=f"{digits}X",
        module="iso7064.mod_11_2",
        compute=_from_stdnum,
    ),
    Scheme(
        name="mod37-2",
        summary="ISO 7064 mod 37-2, for letters too; the check character may be *.",
        characters=f"{ALPHANUMERIC}*",
        alphabet=ALPHANUMERIC,
        module="iso7064.mod_37_2",
        compute=_from_stdnum,
    ),
    Scheme(
        name="mod37-36",
        summary="ISO 7064 mod 37-36, for letters too.",
        characters=ALPHANUMERIC,
        alphabet=ALPHANUMERIC,
        module="iso7064.mod_37_36",
        compute=_from_stdnum,
    ),
    Scheme(
        name="mod97-10",
        summary="ISO 7064 mod 97-10, for letters too; two digits.",
        width=2,
        alphabet=ALPHANUMERIC,
        module="iso7064.mod_97_10",
        compute=_two_from_stdnum,
    ),
    Scheme(
        name="belgian",
        summary="The Belgian structured communication: 10 digits and two.",
        width=2,
        shortest=10,
        longest=10,
        module="be.ogm_vcs",
        compute=_two_from_stdnum,
    ),
    Scheme(
        name="swiss-qr",
        summary="The Swiss QR reference: 26 digits and one.",
        shortest=26,
        longest=26,
        module="ch.esr",
        compute=_from_stdnum,
    ),
    Scheme(
        name="rf",
        summary="The creditor reference RF of ISO 11649, in front of the text.",
        characters=f"{digits}RF",
        width=4,
        alphabet=ALPHANUMERIC,
        longest=21,
        in_front=True,
        module="iso7064.mod_97_10",
        compute=_creditor_reference,
    ),
    Scheme(
        name="finnish",
        summary="The Finnish viitenumero: 3 to 19 digits and one.",
        shortest=3,
        longest=19,
        compute=_weights_731,
    ),
    Scheme(
        name="kid10",
        summary="The Norwegian KID, mod 10: up to 24 digits and one.",
        longest=24,
        module="luhn",
        compute=_from_stdnum,
    ),
    Scheme(
        name="kid11",
        summary="The Norwegian KID, mod 11: up to 24 digits and one, which may be -.",
        characters=f"{digits}-",
        longest=24,
        compute=_weights_2_to_7,
    ),
    Scheme(
        name="ocr",
        summary="The Swedish OCR number: up to 24 digits and one.",
        longest=24,
        module="luhn",
        compute=_from_stdnum,
    ),
    Scheme(
        name="ocr-length",
        summary="The Swedish OCR number with a digit for its length: two digits.",
        width=2,
        longest=23,
        module="luhn",
        compute=_length_and_luhn,
    ),
)

SCHEMES: Final[Mapping[str, Scheme]] = MappingProxyType(
    {scheme.name: scheme for scheme in _ALL}
)
"""All schemes, by name."""


def check_digits(name: str) -> Scheme:
    """
    Give the scheme of a name, one of :data:`SCHEMES`.

    :raises CheckDigitError: if there is none.

    .. versionadded:: 0.1
    """
    found = SCHEMES.get(name) if isinstance(name, str) else None
    if found is None:
        names = ", ".join(SCHEMES)
        raise CheckDigitError(f"There is no check digit {short(name)}. Use: {names}.")
    return found
