"""
Runs of simple services, unrolled: code of their own instead of loops.

Where steps do little, most of what a run costs is the walk over its plan and over its
inputs. So when a class is run for the first time, it is given two functions, written
for it as attrs writes ``__init__``: one that runs its steps, if its flow is nothing but
steps, and its ``run``, if the types of its inputs alone decide about them. Of a service
with an input ``weight`` and an output ``price``::

    def run(_cls, /, *_unnamed, weight=_default_weight, **_unknown):
        if (
            _cls is _own and not (_unnamed or _unknown or _SEAM.in_use)
            and (_type(weight) in _types_weight or _accepts_weight(weight))
        ):
            _inputs = _inputs_to_set()
            _inputs.weight = weight
            _inputs.__class__ = _inputs_to_give
            return _execute(_inputs)
        return _run(_cls, *_unnamed, **_given(weight=weight), **_unknown)

They do what ``execution`` and ``attributes`` do, and leave to them whatever is not as
usual: inputs that are refused, a run that somebody watches, all other services.
"""

from __future__ import annotations

import linecache
from functools import partial, update_wrapper
from itertools import count
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, Final
from unicodedata import normalize
from weakref import finalize

import attrs

from services import calls
from services.drafts import open_class, unset_names
from services.errors import MissingOutputs, UnsetAttribute
from services.execution import SAID_DONE, Run, checked_marker
from services.fields import by_given_name, checks_type_only, declared, fields_of
from services.seam import SEAM
from services.steps import Step
from services.trail import tell_where

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.fields import Field
    from services.service import Service
    from services.typecheck import Check

# As ``calls.new``, ``execute`` and ``Run.walk`` do. A loop that ends in its first round
# is what an early end can break out of.
_STEPS: Final = """\
def execute(inputs):
    service = new(cls)
    own = service.__dict__
    own["inputs"] = inputs
    own["internals"] = internals()
    own["outputs"] = outputs = outputs_to_set()
    at = None
    try:
        while True:
{steps}            break
        last, at = at, None  # no step is at fault from here on
        try:
            {outputs}
        except UnsetAttribute:
            unset = unset_names(outputs)
        else:
            set_class(outputs, outputs_to_give)
            return outputs
        raise MissingOutputs(definition.name, unset, ended_by(last))
    except BaseException as error:
        tell_where(error, service, definition, at)
        raise
"""

_STEP: Final = """\
            at = {name!r}
            returned = service.{name}()
            if returned is not None or {said!r} in own:
                require_marker(service, at, returned)
                break
"""

# As ``calls.made`` does. No input has a name that begins with an underscore here, so
# what is ours does.
_RUN: Final = """\
def run(_cls, /, *_unnamed, {parameters}**_unknown):
    if (
        _cls is _own and not (_unnamed or _unknown or _SEAM.in_use)
{conditions}    ):
        _inputs = _inputs_to_set()
{stores}        _inputs.__class__ = _inputs_to_give
        return _execute(_inputs)
    return _run(_cls, *_unnamed, **_given({values}), **_unknown)
"""

_HOOKS: Final = ("__attrs_pre_init__", "__attrs_post_init__")
_numbers: Final = count(1)


def unrolling(cls: Any, run: Callable[..., Any]) -> Callable[[Any], Any]:
    """
    Give what executes a service until it is unrolled, which is when it first runs.

    Not when it is created: a project declares many services, and starts often.

    :param run: what runs any service, given its class and its inputs by their names.
    """

    def execute(inputs: Any) -> Any:
        cls._execute = staticmethod(unrolled_steps(cls) or partial(calls.walk, cls))
        # What somebody put in its place, a test's mock say, goes on being called.
        found = getattr(cls.run, "__func__", None)
        if run in (found, getattr(found, "__wrapped__", None)):
            unrolled = unrolled_run(cls, run)
            if unrolled is not None:
                cls.run = classmethod(unrolled)
        return cls._execute(inputs)

    return execute


def unrolled_steps(cls: Any) -> Callable[[Any], Any] | None:
    """
    Write the function that runs a service whose inputs are made.

    Nothing is written for a flow with a stage, a condition or an async step.
    """
    definition = cls.definition
    if definition.awaited or not all(map(_is_bare, definition.flow)):
        return None
    names = [step.name for step in definition.flow]
    steps = (_STEP.format(name=name, said=SAID_DONE) for name in names)
    outputs = [f"outputs.{name}" for name in fields_of(cls.outputs)]
    source = _STEPS.format(steps="".join(steps), outputs="; ".join(outputs) or "pass")
    known = {
        "MissingOutputs": MissingOutputs,
        "UnsetAttribute": UnsetAttribute,
        "cls": cls,
        "definition": definition,
        "ended_by": lambda last: names[: names.index(last) + 1] if names else [],
        "internals": cls.internals.__fresh__,
        "new": cls.__new__,
        "outputs_to_give": cls.outputs,
        "outputs_to_set": cls.outputs.__fresh__,
        "require_marker": _require_marker,
        "set_class": vars(object)["__class__"].__set__,
        "tell_where": tell_where,
        "unset_names": unset_names,
    }
    return _compiled(cls, "execute", source, known)


def _is_bare(node: Any) -> bool:
    """Tell whether a node is a step that always runs, and can be called by its name."""
    return (
        isinstance(node, Step)
        and not (node.only_if or node.only_unless)
        and _can_be_written(node.name)
    )


def _can_be_written(name: str) -> bool:
    """Tell whether a name is the same in code, where Python takes ligatures apart."""
    is_same = normalize("NFKC", name) == name
    return name.isidentifier() and not iskeyword(name) and is_same


def _require_marker(service: Service, step: str, returned: object) -> None:
    """Raise unless a step ended the run as it may."""
    if returned is None:
        Run(service).refuse_lost_end(step)
    checked_marker(returned, service, step)


def unrolled_run(cls: Any, run: Callable[..., Any]) -> Callable[..., Any] | None:
    """
    Write the function by which a service is run.

    Nothing is written for a service with an input that is converted, judged by more
    than its type, or made anew for each run; with a hook of attrs' among its inputs; or
    with an async step.

    :param run: as in :func:`unrolling`.
    """
    fields = by_given_name(cls.inputs)
    has_hooks = any(hasattr(cls.inputs, name) for name in _HOOKS)
    if cls.definition.awaited or has_hooks or not all(map(_is_plain, fields.values())):
        return None
    known = {
        "_SEAM": SEAM,
        "_execute": cls._execute,
        "_given": _given,
        "_inputs_to_give": cls.inputs,
        "_inputs_to_set": open_class(cls.inputs),
        "_own": cls,
        "_run": run,
        "_type": type,
    }
    conditions = []
    for name, field in fields.items():
        check = declared(field).check
        known[f"_default_{name}"] = field.default
        known[f"_types_{name}"] = check.exact
        known[f"_accepts_{name}"] = check.accepts
        if field.default is attrs.NOTHING and _may_accept(attrs.NOTHING, check):
            conditions.append(f"{name} is not _default_{name}")
        by_type = f"_type({name}) in _types_{name} or " if check.exact else ""
        conditions.append(f"({by_type}_accepts_{name}({name}))")
    source = _RUN.format(
        parameters="".join(f"{name}=_default_{name}, " for name in fields),
        conditions="".join(f"        and {each}\n" for each in conditions),
        stores="".join(
            f"        _inputs.{field.name} = {name}\n" for name, field in fields.items()
        ),
        values=", ".join(f"{name}={name}" for name in fields),
    )
    return update_wrapper(_compiled(cls, "run", source, known), run)


def _given(**inputs: Any) -> dict[str, Any]:
    """Give the inputs that were given, or have a default."""
    return {name: value for name, value in inputs.items() if value is not attrs.NOTHING}


def _may_accept(value: object, check: Check) -> bool:
    """Tell whether a check accepts a value, or raises, as a class may do."""
    try:
        return check.accepts(value)
    except Exception:  # noqa: BLE001 - it is raised again when it judges an input
        return True


def _is_plain(field: Field[Any]) -> bool:
    """Tell whether the type of an input decides alone, and its default is a value."""
    return (
        field.converter is None
        and checks_type_only(declared(field))
        and not isinstance(field.default, attrs.Factory)  # type: ignore[arg-type]
        and not (field.alias or field.name).startswith("_")
    )


def _compiled(
    cls: type, name: str, source: str, known: dict[str, Any]
) -> Callable[..., Any]:
    """Compile a function that knows these names; tracebacks show its lines."""
    file = f"<{name} {next(_numbers)} of {cls.__module__}.{cls.__qualname__}>"
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    finalize(cls, linecache.cache.pop, file, None)
    known["__name__"] = cls.__module__
    exec(compile(source, file, "exec"), known)  # noqa: S102 - names of its author's
    made: Callable[..., Any] = known[name]
    return made
