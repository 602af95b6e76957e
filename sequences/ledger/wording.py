"""
How an audit is put into words, those of the active language.

Pages show them so. Text and CSV are read by programs and compared by people: they ask
for them without a language, and get what is written here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy

from sequences.ledger.findings import Disorder, Double, Gap, Given, Outside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sequences.ledger.findings import Audit, Counted, Part

# Short texts have the context "audit": Django keeps those of all apps together, and
# those of a project that says the same, but means something else, would win.

KINDS: Final = {
    "gaps": pgettext_lazy("audit", "Missing, unexplained"),
    "explained": pgettext_lazy("audit", "Missing, explained"),
    "doubles": pgettext_lazy("audit", "On several documents"),
    "disorder": pgettext_lazy("audit", "Out of order"),
    "outside": pgettext_lazy("audit", "Not possible in this series"),
}
"""What a report calls the kinds of findings, by the name of their attribute."""


def heading(audit: Audit) -> str:
    """Say what was audited."""
    where = gettext("%(table)s.%(column)s on database %(database)s") % {
        "table": shown(audit.table),
        "column": shown(audit.column),
        "database": repr(audit.using),
    }
    if audit.sequence is None:
        return where
    told = {"sequence": repr(audit.sequence), "column": where}
    return gettext("Sequence %(sequence)s: %(column)s") % told


def facts(audit: Audit) -> Iterator[tuple[str, str]]:
    """Give what there is, by name."""
    yield pgettext("audit", "documents"), _read(audit)
    if audit.by_part.count:
        yield pgettext("audit", "parts"), f"{audit.by_part.count}"
    if audit.lowest is not None and audit.highest is not None:
        yield pgettext("audit", "numbers"), _range(audit.lowest, audit.highest)
    if audit.sequence is not None and not audit.by_part.count:
        yield pgettext("audit", "counter"), _counter(audit)
    missing = gettext("%(count)s unexplained") % {"count": audit.missing}
    yield pgettext("audit", "missing"), _with_excused(missing, audit.excused)
    if audit.writers:
        yield pgettext("audit", "still open"), _writers(audit.writers)
    # The same in all languages: a report is evidence, and may be sent abroad.
    yield pgettext("audit", "read at"), f"{audit.taken_at:%Y-%m-%d %H:%M:%S} UTC"


def _read(audit: Audit) -> str:
    without = audit.documents - audit.numbered
    if not without:
        return f"{audit.documents}"
    told = {"count": audit.documents, "without": without}
    return gettext("%(count)s, %(without)s of them without a number") % told


def _writers(count: int) -> str:
    told = ngettext(
        "%(count)s transaction was writing; what it adds is not seen",
        "%(count)s transactions were writing; what they add is not seen",
        count,
    )
    return told % {"count": count}


def _counter(audit: Audit | Counted) -> str:
    if audit.given_out is None:
        stands = gettext("has given out none")
    else:
        stands = gettext("stands at %(last)s") % {"last": audit.given_out}
    if not audit.behind:
        return stands
    behind = gettext("%(stands)s, %(count)s behind the documents: adopt their numbers")
    return behind % {"stands": stands, "count": audit.behind}


def summary(part: Counted, *, with_counter: bool) -> str:
    """Say in a line what one part looks like."""
    if part.lowest is None or part.highest is None:
        told = [gettext("on no document")]
    else:
        told = [_on_documents(_range(part.lowest, part.highest), part.numbered)]
    if part.missing:
        told.append(_missing(part.missing))
    if with_counter:
        told.append(gettext("its counter %(stands)s") % {"stands": _counter(part)})
    return f"{shown(part.part)}: {'; '.join(told)}"


def placed(finding: Gap | Double | Disorder | Outside) -> str:
    """Say one finding in a line, and in which part it is."""
    part = None if isinstance(finding, Outside) else finding.part
    return told(finding) if part is None else f"{shown(part)}: {told(finding)}"


def told(finding: object) -> str:
    """Say one finding in a line."""
    match finding:
        case Gap(first=first, last=last, count=count):
            numbers = f"{first}" if count == 1 else f"{_range(first, last)} ({count})"
            why = detail(finding)
            return f"{numbers}: {why}" if why else numbers
        case Double(number=number, count=count):
            return _on_documents(f"{number}", count)
        case Disorder(number=number, at=at, after=after):
            told = {"number": number, "at": shown(at), "after": shown(after)}
            return gettext("%(number)s of %(at)s, after %(after)s") % told
        case Outside(number=number):
            return shown(number)
    raise TypeError(finding)


def detail(gap: Gap) -> str:
    """Say what is known of a gap, or nothing."""
    if gap.explanation is None:
        return "; ".join(_given(given) for given in gap.given)
    why = pgettext("audit", gap.explanation.value)
    return f"{why}: {shown(gap.reason)}" if gap.reason else why


def _given(given: Given) -> str:
    last = given.last
    numbers = _range(given.first, last) if last > given.first else f"{given.first}"
    at = {"numbers": numbers, "at": f"{given.at:%Y-%m-%d %H:%M:%S}"}
    told = [gettext("%(numbers)s given out %(at)s") % at]
    if given.user:
        told.append(pgettext("audit", "by %(user)s") % {"user": shown(given.user)})
    if given.document:
        document = {"document": shown(given.document)}
        told.append(pgettext("audit", "for %(document)s") % document)
    if given.key is not None:
        told.append(pgettext("audit", "with key %(key)s") % {"key": shown(given.key)})
    return gettext("%(given)s, and on no document") % {"given": " ".join(told)}


def verdict(audit: Audit) -> str:
    """Say whether all is well."""
    count = audit.unexplained
    if not count:
        return gettext("Nothing is unexplained.")
    told = ngettext(
        "%(count)s finding is unexplained.",
        "%(count)s findings are unexplained.",
        count,
    )
    return told % {"count": count}


def caption(part: Part) -> str:
    """Say what a bar of the picture shows."""
    missing = _with_excused(_missing(part.missing), part.explained)
    return f"{_range(part.first, part.last)}: {missing}"


def more(count: int) -> str:
    """Say how many are not listed."""
    return pgettext("audit", "and %(count)s more") % {"count": count}


def _range(first: int, last: int) -> str:
    told = {"first": first, "last": last}
    return pgettext("audit", "%(first)s to %(last)s") % told


def _on_documents(numbers: str, count: int) -> str:
    told = ngettext(
        "%(numbers)s, on %(count)s document",
        "%(numbers)s, on %(count)s documents",
        count,
    )
    return told % {"numbers": numbers, "count": count}


def _missing(count: int) -> str:
    told = ngettext("%(count)s missing", "%(count)s missing", count)
    return told % {"count": count}


def _with_excused(missing: str, count: int) -> str:
    if not count:
        return missing
    excused = gettext("%(count)s explained") % {"count": count}
    told = {"missing": missing, "excused": excused}
    return pgettext("audit", "%(missing)s, %(excused)s") % told


def shown(text: str) -> str:
    """Give a text of the database without what would move a terminal's cursor."""
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1]
        for character in text
    )
