"""What a series prints, and what it counts apart: periods, and values of a scope."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final, Self

from attrs import frozen

from sequences.formats import Format
from sequences.periods import Calendar, Period, PeriodError
from sequences.templates import is_scope_name
from services.wording import did_you_mean, got, short

NOWHERE: Final[tuple[tuple[str, str], ...]] = ()


class ScopeError(ValueError):
    """The scope of a document is not the one that its series has."""


@frozen(kw_only=True)
class Place:
    """
    Where in a series a document belongs.

    :ivar period: its period, None where the series counts through all of them.
    :ivar values: the names and values of its scope, in the order declared.
    """

    period: Period | None = None
    values: tuple[tuple[str, str], ...] = NOWHERE

    @property
    def scope(self) -> Mapping[str, str]:
        """The values of the scope, by name."""
        return MappingProxyType(dict(self.values))

    @property
    def keys(self) -> list[str]:
        """What tells it: the key of its period, the values of its scope."""
        period = [] if self.period is None else [self.period.key]
        return [*period, *(value for _, value in self.values)]

    def counter_name(self, series: str) -> str:
        """Give the name of the counter: the series, and what tells the place."""
        return "/".join([series, *map(quoted_key, self.keys)])


def quoted_key(key: str) -> str:
    """
    Give a period's key, or a value of a scope, as it stands in the name of a counter.

    These are divided by ``/``; one within is written ``%2F``, and a ``%`` is written
    ``%25``, so that no two places have the same name.
    """
    return key.replace("%", "%25").replace("/", "%2F")


@frozen(kw_only=True)
class Printing:
    """
    How the numbers of a series are printed and counted apart.

    :ivar calendar: how it divides time; None: it counts through all periods.
    :ivar scope: by what else it counts apart.
    :ivar format: how a number is printed; None: as it is.
    """

    calendar: Calendar | None = None
    scope: tuple[str, ...] = ()
    format: Format | None = None

    @classmethod
    def declared(
        cls,
        *,
        format: str | None,  # noqa: A002 - what users call it
        period: str | None,
        fiscal_year_starts: str,
        timezone: str | None,
        scope: tuple[str, ...],
        overflow: str,
        max_length: int | None,
        charset: str | None,
    ) -> Self | None:
        """
        Give what the options of a Sequence declare, None where they declare nothing.

        :raises ValueError: if they make no sense together; the sentence says why.
        """
        _refuse_without(
            "period",
            period,
            timezone=timezone is not None,
            fiscal_year_starts=fiscal_year_starts != "01-01",
        )
        _refuse_without(
            "format",
            format,
            overflow=overflow != "refuse",
            max_length=max_length is not None,
            charset=charset is not None,
        )
        if format is None and period is None and not scope:
            return None
        names = _scope_names(scope)
        calendar = None
        if period is not None:
            calendar = Calendar(
                unit=period, fiscal_year_starts=fiscal_year_starts, timezone=timezone
            )
        printed = None
        if format is not None:
            printed = Format(
                format,
                calendar=calendar,
                scope=names,
                overflow=overflow,
                max_length=max_length,
                charset=charset,
            )
        return cls(calendar=calendar, scope=names, format=printed)

    @property
    def only_place(self) -> Place | None:
        """The place of all documents, None where the series counts some apart."""
        return Place() if self.calendar is None and not self.scope else None

    @property
    def apart(self) -> str:
        """By what the series counts apart, for the middle of a sentence."""
        units = [] if self.calendar is None else [self.calendar.unit]
        return " and ".join([*units, *self.scope])

    def place_of(
        self, on: date | datetime | None, scope: Mapping[str, str] | None
    ) -> Place:
        """
        Give the place of a document.

        :raises ValueError: if its date or its scope does not tell; see the sentence.
        """
        period = None
        if self.calendar is not None:
            if on is None:
                raise PeriodError(
                    f"it counts by {self.apart}: a number needs the document's date. "
                    f"Pass on=."
                )
            period = self.calendar.period_of(on)
        given = scope or {}
        return Place(period=period, values=tuple(self._values(given)))

    def place_called(self, counter_name: str, series: str) -> Place:
        """
        Give the place whose counter has a name, as :meth:`Place.counter_name` gives it.

        :raises ValueError: if no counter of the series is called so.
        """
        keys = counter_name.removeprefix(f"{series}/").split("/")
        keys = [key.replace("%2F", "/").replace("%25", "%") for key in keys]
        period = None
        if self.calendar is not None:
            period = self.calendar.period_called(keys.pop(0))
        place = Place(period=period, values=tuple(zip(self.scope, keys, strict=False)))
        is_whole = len(keys) == len(self.scope)
        if not is_whole or place.counter_name(series) != counter_name:
            raise ScopeError(f"no part of it is counted as {short(counter_name)}.")
        return place

    def text(self, value: int, place: Place) -> str:
        """
        Print a number.

        :raises FormatError: if it cannot be printed.
        """
        if self.format is None:
            return str(value)
        return self.format.print(value, period=place.period, scope=place.scope)

    def _values(self, given: Mapping[str, str]) -> list[tuple[str, str]]:
        if not isinstance(given, Mapping):
            raise ScopeError(
                f"scope must be values by name, as {{'branch': 'K1'}}, "
                f"got {got(given)}."
            )
        strange = [name for name in given if name not in self.scope]
        if strange:
            known = f" It counts by {self.apart}." if self.scope else ""
            remedy = known or " Declare scope=, or leave it out."
            nearest = did_you_mean(str(strange[0]), self.scope)
            raise ScopeError(f"it has no scope {short(strange[0])}.{nearest or remedy}")
        for name in self.scope:
            value = given.get(name)
            if not isinstance(value, str) or not value:
                raise ScopeError(
                    f"it counts by {self.apart}: a number needs the {name}, as text, "
                    f"got {got(value)}. Pass scope={{{name!r}: ...}}."
                )
        return [(name, given[name]) for name in self.scope]


def _refuse_without(needed: str, value: object, **given: bool) -> None:
    """Refuse options that mean nothing without another one."""
    if value is None:
        for name, is_given in given.items():
            if is_given:
                raise ValueError(f"{name} means nothing without {needed}=.")


def _scope_names(scope: Any) -> tuple[str, ...]:
    names = tuple(scope) if isinstance(scope, tuple | list) else (None,)
    if not all(map(is_scope_name, names)):
        raise ScopeError(
            f"scope must be a tuple of names, as ('branch',), got {short(scope)}."
        )
    if len(set(names)) < len(names):
        raise ScopeError(f"scope must name each part once, got {short(scope)}.")
    return names
