"""
Ready-made series, each after a rule that it names.

Engineering input, not legal advice: rules change, and yours may have others beside
them. Ask someone who may give it.
"""

from __future__ import annotations

from string import ascii_letters, digits
from typing import Any, Final

from sequences.definitions import Sequence

INDIAN_CHARACTERS: Final = ascii_letters + digits + "-/"


def yearly_invoices(
    name: str = "invoices", *, prefix: str = "INV", **options: Any
) -> Sequence:
    """
    Give invoices that start again each year, as ``INV-2026-00001``.

    Rule: a sequential number, in one or more series, that uniquely identifies the
    invoice. Read in Directive 2006/112/EC, art. 226(2). A new start each year is
    allowed, as in Italy (Risoluzione 1/E of 2013), since the number shows the year.

    :param prefix: what the number begins with.
    :param options: any of :class:`sequences.Sequence`.

    .. versionadded:: 0.1
    """
    return _declared(
        name,
        options,
        format=f"{_literal(prefix)}-{{period:%Y}}-{{value:05d}}",
        period="year",
    )


def credit_notes(
    name: str = "credit notes", *, prefix: str = "CN", **options: Any
) -> Sequence:
    """
    Give credit notes a yearly series of their own, as ``CN-2026-00001``.

    Rule: some countries require corrective invoices to have their own series. Read in
    Spain's Real Decreto 1619/2012, art. 6.

    :param prefix: what the number begins with.
    :param options: any of :class:`sequences.Sequence`.

    .. versionadded:: 0.1
    """
    return yearly_invoices(name, prefix=prefix, **options)


def branch_invoices(
    name: str = "branch invoices", *, prefix: str = "INV", **options: Any
) -> Sequence:
    """
    Give each branch a yearly series of its own, as ``INV-K1-2026-00001``.

    Rule: several series are allowed, by place among others. Read in Germany's UStAE
    14.5(10) and France's CGI, annexe II, art. 242 nonies A.

    A number needs ``scope={"branch": "K1"}``.

    :param prefix: what the number begins with.
    :param options: any of :class:`sequences.Sequence`.

    .. versionadded:: 0.1
    """
    return _declared(
        name,
        options,
        format=f"{_literal(prefix)}-{{scope.branch}}-{{period:%Y}}-{{value:05d}}",
        period="year",
        scope=("branch",),
    )


def french_invoices(
    name: str = "factures", *, prefix: str = "F", **options: Any
) -> Sequence:
    """
    Give invoices in one sequence that never starts again, as ``F00000001``.

    Rule: a unique number in a chronological and continuous sequence. Read in the CGI,
    annexe II, art. 242 nonies A. So it is SERIAL; date no invoice before the last.

    :param prefix: what the number begins with.
    :param options: any of :class:`sequences.Sequence`.

    .. versionadded:: 0.1
    """
    return _declared(name, options, format=f"{_literal(prefix)}{{value:08d}}")


def indian_invoices(
    name: str = "tax invoices", *, prefix: str = "INV", **options: Any
) -> Sequence:
    """
    Give invoices for the fiscal year from April to March, as ``INV/26-27/00001``.

    Rule: consecutive, at most 16 characters, of letters, digits, ``-`` and ``/``,
    unique in a financial year. Read in the CGST Rules, rule 46(b).

    :param prefix: what the number begins with, at most four characters.
    :param options: any of :class:`sequences.Sequence`.

    .. versionadded:: 0.1
    """
    return _declared(
        name,
        options,
        format=f"{_literal(prefix)}/{{period:%s-%e}}/{{value:05d}}",
        period="year",
        fiscal_year_starts="04-01",
        timezone="Asia/Kolkata",
        max_length=16,
        charset=INDIAN_CHARACTERS,
    )


def brazilian_invoices(name: str = "NF-e", **options: Any) -> Sequence:
    """
    Give the numbers of the NF-e, 1 to 999,999,999 for each establishment and series.

    Rule: at the limit a new series begins; numbers that stay unused are declared by
    range. Read in Ajuste SINIEF 7/05.

    A number needs ``scope={"establishment": ..., "series": ...}``.

    :param options: any of :class:`sequences.Sequence`.

    .. versionadded:: 0.1
    """
    return _declared(
        name, options, scope=("establishment", "series"), max_value=999_999_999
    )


def _declared(name: str, options: dict[str, Any], **ready_made: Any) -> Sequence:
    """Declare a series; what the caller says comes before what is ready-made."""
    return Sequence(name, **{**ready_made, **options})


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
