"""
Runs of simple services, unrolled: code of their own instead of loops.

Where steps do little, most of what a run costs is the walk over its plan and over its
inputs. So a class is given two functions, written for it as attrs writes ``__init__``:

- one that runs its steps, if its flow is nothing but steps: ``unrolled_steps``,
- its ``run``, if the types of its inputs alone decide about them: ``unrolled_run``.

They do what ``execution`` and ``attributes`` do, and leave to them whatever is not as
usual: inputs that are refused, a run that somebody watches, all other services.
"""

from __future__ import annotations

import linecache
from inspect import signature
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, Final

import attrs

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
        last, at = at, None
        try:
            {outputs}
        except UnsetAttribute:
            raise incomplete(service, last) from None
        store(outputs, "__class__", outputs_to_give)
    except BaseException as error:
        tell_where(error, service, definition, at)
        raise
    return outputs
"""

_STEP: Final = """\
            at = {name!r}
            returned = service.{name}()
            if returned is not None or {said!r} in own:
                require_marker(service, at, returned)
                break
"""

# Inputs have no names that begin with an underscore, so what is ours does.
_RUN: Final = """\
def run(*_unnamed, {parameters}**_unknown):
    if (
        not (_unnamed or _unknown or _SEAM.in_use)
{conditions}    ):
        _inputs = _inputs_to_set()
{stores}        _inputs.__class__ = _inputs_to_give
        return _execute(_inputs)
    return _run(_cls, *_unnamed, **_given({values}), **_unknown)
"""

_HOOKS: Final = ("__attrs_pre_init__", "__attrs_post_init__")


def unrolled_steps(cls: Any) -> Callable[[Any], Any] | None:
    """
    Write the function that runs a service whose inputs are made.

    Nothing is written for a flow with a stage, a condition or an async step.
    """
    definition = cls.definition
    if definition.awaited or not all(map(_is_bare, definition.flow)):
        return None
    steps = (_STEP.format(name=each.name, said=SAID_DONE) for each in definition.flow)
    source = _STEPS.format(
        steps="".join(steps),
        outputs="; ".join(f"outputs.{name}" for name in fields_of(cls.outputs)) or None,
    )
    known = {
        "UnsetAttribute": UnsetAttribute,
        "cls": cls,
        "definition": definition,
        "incomplete": _incomplete,
        "internals": cls.internals.__fresh__,
        "new": cls.__new__,
        "outputs_to_give": cls.outputs,
        "outputs_to_set": cls.outputs.__fresh__,
        "require_marker": _require_marker,
        "store": object.__setattr__,
        "tell_where": tell_where,
    }
    return _compiled(cls, "execute", source, known)


def _is_bare(node: Any) -> bool:
    """Tell whether a node is a step that always runs, and can be called by its name."""
    return (
        isinstance(node, Step)
        and not (node.only_if or node.only_unless)
        and node.name.isidentifier()
        and not iskeyword(node.name)
    )


def _require_marker(service: Service, step: str, returned: object) -> None:
    """Raise unless a step ended the run as it may."""
    if returned is None:
        Run(service).refuse_lost_end(step)
    checked_marker(returned, service, step)


def _incomplete(service: Service, last: str | None) -> MissingOutputs:
    """Give the error of a run that has ended and left outputs unset."""
    definition = type(service).definition
    names = [step.name for step in definition.steps]
    ended = names[: names.index(last) + 1] if last else []
    return MissingOutputs(definition.name, unset_names(service.outputs), ended)


def unrolled_run(
    cls: Any, run: Callable[..., Any], execute: Callable[[Any], Any]
) -> Callable[..., Any] | None:
    """
    Write the function by which a service is run.

    Nothing is written for a service with an input that is converted, judged by more
    than its type, or made anew for each run; with a hook of attrs' among its inputs; or
    with an async step.

    :param run: runs any service, given its class and the inputs by their names.
    :param execute: runs this service, given its inputs.
    """
    fields = by_given_name(cls.inputs)
    has_hooks = any(hasattr(cls.inputs, name) for name in _HOOKS)
    if cls.definition.awaited or has_hooks or not all(map(_is_plain, fields.values())):
        return None
    known = {
        "_SEAM": SEAM,
        "_cls": cls,
        "_execute": execute,
        "_given": lambda **given: {
            name: value for name, value in given.items() if value is not attrs.NOTHING
        },
        "_inputs_to_give": cls.inputs,
        "_inputs_to_set": open_class(cls.inputs),
        "_run": run,
        "_type": type,
    }
    conditions = []
    for name, field in fields.items():
        check = declared(field).check
        known[f"_default_{name}"] = field.default
        if check.exact:
            known[f"_types_{name}"] = check.exact
            conditions.append(f"_type({name}) in _types_{name}")
        else:
            known[f"_accepts_{name}"] = check.accepts
            conditions.append(f"_accepts_{name}({name})")
    source = _RUN.format(
        parameters="".join(f"{name}=_default_{name}, " for name in fields),
        conditions="".join(f"        and {each}\n" for each in conditions),
        stores="".join(
            f"        _inputs.{field.name} = {name}\n" for name, field in fields.items()
        ),
        values=", ".join(f"{name}={name}" for name in fields),
    )
    made: Any = _compiled(cls, "run", source, known)
    # For help() and editors; pickles find it by its name.
    made.__doc__, made.__module__ = run.__doc__, cls.__module__
    made.__qualname__ = f"{cls.__qualname__}.run"
    made.__signature__ = signature(cls.inputs).replace(return_annotation=cls.outputs)
    return made  # type: ignore[no-any-return]


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
    file = f"<{name} of {cls.__module__}.{cls.__qualname__}>"
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    exec(compile(source, file, "exec"), known)  # noqa: S102 - names of its author's
    made: Callable[..., Any] = known[name]
    return made
