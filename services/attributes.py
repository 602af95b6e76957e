"""
What flows through a service: Inputs, Internals, Outputs.

A class that derives from one of the three becomes a frozen, slotted attrs class when it
is created. What steps may still set is a *draft* of it: internals for the whole run,
outputs until the run ends and they are finished.
"""

from __future__ import annotations

import inspect
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Self, dataclass_transform

import attrs

from services.checks import MAX_PROBLEMS, Unconverted, is_set, problems_with
from services.compilation import compile_fields
from services.drafts import draft_class, maker_of_drafts, refuse_unknown
from services.errors import FrozenAttribute, InputError, UnsetAttribute
from services.fields import attribute, by_given_name, declared, fields_of, is_foreign
from services.refusal import refuse
from services.wording import MASK, layer_name, short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from services.limits import Limits


class Layer(type):
    """The type of Inputs, Internals and Outputs: makes each subclass an attrs class."""

    __draft__: type
    """The same class, of instances that can be set."""

    __fresh__: Callable[[], Any]
    """Makes one of them that holds the defaults, and nothing else."""

    __complete__: Callable[[Any], object]
    """Reads every attribute, and so raises if one is unset."""

    def __new__(  # noqa: D102 - the class says it
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]
    ) -> Any:
        try:
            cls = super().__new__(mcs, name, bases, namespace)
        except TypeError as error:  # two parents with slots of their own
            reason = f"{error}. Derive one parent from the other."
            refuse(namespace["__qualname__"], reason)
        # attrs makes a slotted class by creating it a second time: that one is done.
        if not bases or "__attrs_attrs__" in namespace:
            return cls
        _refuse_bad_names(cls, namespace)
        made: Any = attrs.frozen(
            cls,
            init=False,
            repr=False,
            kw_only=True,
            field_transformer=compile_fields,
        )
        made.__setattr__ = _refuse_to_set
        made.__signature__ = _signature(made)
        made.__draft__ = draft_class(made)
        made.__fresh__ = maker_of_drafts(made)
        for field in attrs.fields(made):
            if field.alias != field.name and not issubclass(made, Inputs):
                remedy = "which is for inputs: nobody gives it by name. Drop it."
                reason = f"attribute {field.name!r} has alias={field.alias!r}, {remedy}"
                refuse(cls.__qualname__, reason)
        # One call in C for all attributes; a layer may have none.
        names = [field.name for field in attrs.fields(made)]
        made.__complete__ = attrgetter(*names, "__class__")
        return made


def _signature(made: Any) -> inspect.Signature:
    """Let help() and editors see attributes where __init__ takes anything."""
    whole = inspect.signature(made.__attrs_init__)
    _self, *attributes = whole.parameters.values()
    return whole.replace(parameters=attributes)


_RESERVED: Final = ("self", "structure")


def _refuse_bad_names(cls: type, namespace: dict[str, Any]) -> None:
    annotated = inspect.get_annotations(cls)
    for name in annotated:
        if name.startswith("_"):
            remedy = f"begins with an underscore. Name it {name.lstrip('_')!r}."
            refuse(cls.__qualname__, f"attribute {name!r} {remedy}")
        if name in _RESERVED:
            remedy = "has a name of Python's or ours. Choose another."
            refuse(cls.__qualname__, f"attribute {name!r} {remedy}")
    if "__init__" in namespace:
        remedy = "Use attribute(converter=..., factory=..., must=...)."
        refuse(cls.__qualname__, f"its __init__ would go round the checks. {remedy}")
    for name, value in namespace.items():
        if is_foreign(value):
            remedy = "is made by attrs.field(). Write attribute(...)."
            refuse(cls.__qualname__, f"attribute {name!r} {remedy}")
        is_attribute = not name.startswith("__") and not (
            inspect.isroutine(value) or isinstance(value, property | type)
        )
        if is_attribute and name not in annotated:
            remedy = f"has no annotation. Write '{name}: <type> = ...'."
            refuse(cls.__qualname__, f"attribute {name!r} {remedy}")


class _LayerBase(metaclass=Layer):
    """What the three layers have in common."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{layer_name(type(self))}({shown_values(self)})"

    if TYPE_CHECKING:
        # Checkers make the __init__ of a subclass out of its attributes, and must go
        # on telling names that do not exist.
        def __init__(self) -> None:
            """Take nothing: a layer of no attributes."""

    else:

        def __init__(self, /, *unnamed: Any, **given: Any) -> None:
            """
            Take every attribute by name; attributes with a default may be left out.

            :raises InputError: with everything that is wrong with what was given.
            """
            fill_in(self, unnamed, given)

        def __getattr__(self, name: str) -> Any:
            """Explain; only reached where a slot is empty or there is none."""
            if name.startswith("__"):
                raise AttributeError(name)
            fields = fields_of(type(self))
            if name in fields:
                raise UnsetAttribute(layer_name(type(self)), name)
            if not hasattr(type(self), name):
                refuse_unknown(type(self), name, fields)
            # A property raised: let it say why.
            return object.__getattribute__(self, name)


def fill_in(
    inputs: Any,
    unnamed: tuple[Any, ...],
    given: dict[str, Any],
    service: type | None = None,
) -> None:
    """
    Fill an empty layer in, and explain where that is refused.

    :param service: which is to run with it; it may have inherited the layer.
    :raises InputError: with everything that is wrong with what was given.
    """
    try:
        inputs.__attrs_init__(*unnamed, **given)
    except Exception as error:  # noqa: BLE001 - explained, or raised as it is
        cls = type(inputs)
        if unnamed:
            names = ", ".join(f"{name}=..." for name in by_given_name(cls))
            msg = f"{layer_name(cls)} takes values by name only: ({names})."
            raise TypeError(msg) from None
        _explain_refusal(inputs, given, error, service)


def _refuse_to_set(self: object, name: str, value: object) -> None:  # noqa: ARG001
    remedy = "What a step works out belongs in self.internals or self.outputs."
    if isinstance(self, Outputs):
        remedy = "Its run has ended; set it in a step."
    raise FrozenAttribute(layer_name(type(self)), name, remedy)


def _explain_refusal(
    inputs: Any, given: Mapping[str, Any], error: Exception, service: type | None
) -> None:
    """
    Raise an InputError that tells everything that is wrong with what was given.

    If nothing is wrong with it, the error came from elsewhere, from a factory say, and
    is raised as it is.
    """
    cls = type(inputs)
    known = {error.name: [error.problem]} if isinstance(error, Unconverted) else {}
    problems = problems_with(cls, given, known, inputs)
    if not problems:
        raise error
    # The first refusal says less than this one, so it is not shown as its cause.
    name = service_name(cls) if service is None else layer_name(service)
    raise InputError(name, problems[:MAX_PROBLEMS]) from None


def service_name(inputs: type) -> str:
    """Give the name of the service whose inputs these are."""
    return layer_name(inputs).removesuffix(".inputs")


def shown_values(layer: _LayerBase) -> str:
    """Give the values that are set, short, the sensitive ones masked."""
    return ", ".join(
        f"{name}={MASK if declared(field).sensitive else short(getattr(layer, name))}"
        for name, field in fields_of(type(layer)).items()
        if is_set(layer, name)
    )


def shown_lines(kind: str, layer: Any) -> Iterator[str]:
    """Give a line for each attribute, ``internals.next = 7``, or that it is unset."""
    for name, field in fields_of(type(layer)).items():
        if is_set(layer, name):
            value = MASK if declared(field).sensitive else short(getattr(layer, name))
            yield f"{kind}.{name} = {value}"
        else:
            yield f"{kind}.{name} is unset"


@dataclass_transform(
    kw_only_default=True, frozen_default=True, field_specifiers=(attribute,)
)
class Inputs(_LayerBase):
    """
    What a service takes. Derive ``class inputs(Inputs)`` in the service's body.

    Frozen; types, validators and ``must`` are checked when it is made.

    .. versionadded:: 0.1
    """

    @classmethod
    def structure(cls, data: object, *, limits: Limits | None = None) -> Self:
        """
        Make typed inputs from untrusted data: a dict of JSON values, or JSON text.

        No value is coerced into another type. Cost is linear in the size of the data,
        and data beyond the limits is refused before it is walked.

        :param data: a ``dict``, or ``str``/``bytes`` holding a JSON object.
        :param limits: how deep, long and many; :class:`services.Limits` has defaults.
        :raises InputError: with every problem by its path.

        .. versionadded:: 0.1
        """
        from services.structuring import structure  # noqa: PLC0415 - it imports us

        return structure(cls, data, limits)


@dataclass_transform(kw_only_default=True, field_specifiers=(attribute,))
class Internals(_LayerBase):
    """
    What steps hand to each other. Derive ``class internals(Internals)``.

    Checked whenever a step sets one; reading one that is unset is an error.

    .. versionadded:: 0.1
    """


@dataclass_transform(kw_only_default=True, field_specifiers=(attribute,))
class Outputs(_LayerBase):
    """
    What a service gives. Derive ``class outputs(Outputs)``.

    Checked whenever a step sets one, complete and frozen when the run ends.

    .. versionadded:: 0.1
    """
