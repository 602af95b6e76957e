"""What steps may still set: internals for the whole run, outputs until it ends."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import attrs

from services.checks import Refused, Unconverted, is_set, problems_of
from services.errors import InvalidAttribute, UnknownAttribute, UnsetAttribute
from services.fields import checks_type_only, declared, fields_of, maker
from services.wording import did_you_mean, layer_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from services.errors import InputProblem


def draft_class(cls: Any) -> type:
    """
    Make the class of instances that steps set.

    It adds no slots, so that a finished draft becomes a ``cls`` in place (by its
    ``__class__``): nothing is copied, and nothing is checked twice.
    """
    return _twin(cls, {"__setattr__": _setting_checked(cls)})


def open_class(cls: Any) -> type:
    """Make the class of instances that take any value until they become a ``cls``."""
    # Only with all of object's own, making and setting them stays in C.
    own = ("__new__", "__init__", "__setattr__", "__delattr__")
    return _twin(cls, {name: getattr(object, name) for name in own})


def _twin(cls: Any, methods: dict[str, Any]) -> type:
    body = {"__slots__": (), "__qualname__": cls.__qualname__, **methods}
    twin: type = type.__new__(type(cls), cls.__name__, (cls,), body)
    return twin


def maker_of_drafts(cls: Any) -> Callable[[], Any]:
    """Give what makes a draft that holds the defaults, and nothing else."""
    makers = {
        name: maker(field.default)
        for name, field in fields_of(cls).items()
        if field.default is not attrs.NOTHING
    }
    make_empty = partial(object.__new__, cls.__draft__)  # no call of Python's

    def make() -> Any:
        draft = make_empty()
        for name, make_default in makers.items():
            setattr(draft, name, make_default())
        return draft

    return make if makers else make_empty


def _setting_checked(cls: Any) -> Callable[[Any, str, Any], None]:
    """Give the __setattr__ of a draft."""
    fields = fields_of(cls)
    short_ways = {
        name: (kept.check.exact, kept.check.accepts, getattr(cls, name).__set__)
        for name, field in fields.items()
        if field.converter is None and checks_type_only(kept := declared(field))
    }
    no_way: tuple[Any, Any, Any] = (), lambda _: False, None

    def __setattr__(self: Any, name: str, value: Any) -> None:  # noqa: N807
        types, accepts, store = short_ways.get(name, no_way)
        if type(value) in types or accepts(value):
            store(self, value)
            return
        field = fields.get(name)
        if field is None:
            refuse_unknown(cls, name, fields)
        problems: list[InputProblem] = []
        try:
            if field.converter is not None:
                value = field.converter(value)  # type: ignore[operator]
            field.validator(self, field, value)  # type: ignore[misc]
        except Unconverted as error:
            problems, cause = [error.problem], error.__cause__
        except Exception as error:
            problems = problems_of(field, self, value)
            if not problems:
                raise
            cause = None if isinstance(error, Refused) else error
        if problems:
            # What a converter or validator says may show the value.
            if declared(field).sensitive:
                cause = None
            raise InvalidAttribute(layer_name(cls), name, problems) from cause
        object.__setattr__(self, name, value)

    return __setattr__


def unset_names(draft: Any) -> list[str]:
    """Give the attributes of a draft that nothing has set."""
    cls: Any = type(draft)
    try:
        cls.__complete__(draft)
    except UnsetAttribute:
        return [name for name in fields_of(cls) if not is_set(draft, name)]
    return []


def finish(draft: Any) -> None:
    """Freeze a complete draft; one that was finished before stays as it is."""
    cls: Any = type(draft)
    if cls.__draft__ is cls:
        object.__setattr__(draft, "__class__", cls.__base__)


def refuse_unknown(cls: type, name: str, fields: Mapping[str, Any]) -> NoReturn:
    """Raise because a layer has no attribute of a name."""
    remedy = did_you_mean(name, fields) or (
        f" It has {', '.join(fields)}." if fields else " It has no attributes."
    )
    raise UnknownAttribute(layer_name(cls), name, remedy)
