"""From a call of a service class to its run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.asynchronous import aexecute
from services.attributes import Inputs, fill_in
from services.errors import MustBeAwaited
from services.execution import execute
from services.seam import SEAM
from services.watched import arun_seen, run_seen
from services.wording import layer_name

if TYPE_CHECKING:
    from services.service import Service


def made(cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Make the inputs of a service as calling their class does, and quicker."""
    inputs = object.__new__(cls.inputs)
    fill_in(inputs, args, kwargs, cls)
    return inputs


def new(cls: Any, inputs: Any) -> Service:
    """Give an instance for one run: its inputs, and fresh drafts of the rest."""
    service: Service = cls.__new__(cls)
    # In the instance the nested classes' names stand for one run's objects.
    own = service.__dict__
    own["inputs"] = inputs
    own["internals"] = cls.internals.__fresh__()
    own["outputs"] = cls.outputs.__fresh__()
    return service


def own_inputs(cls: Any, inputs: Any) -> Any:
    """
    Give inputs back if they are of this service.

    :raises TypeError: if they are not.
    """
    # A service that declares no inputs has Inputs itself, of which all others are made.
    own = cls.inputs
    if not isinstance(inputs, own) or (own is Inputs and type(inputs) is not own):
        name = cls.definition.name
        msg = (
            f"{name} takes {name}.inputs, got {layer_name(type(inputs))}. "
            f"Make them with {name}.inputs(...) or {name}.inputs.structure(data)."
        )
        raise TypeError(msg)
    return inputs


def require_sync(cls: Any, verb: str) -> None:
    """Refuse to run without ``await`` what has an async method."""
    if cls.definition.awaited:
        name = cls.definition.name
        raise MustBeAwaited(name, cls.definition.awaited[0], f"{name}.a{verb}")


def run(cls: Any, inputs: Any, verb: str) -> Any:
    """Run a service whose inputs are made."""
    if cls.definition.awaited:
        require_sync(cls, verb)
    if SEAM.in_use:  # somebody looks, or a test has put an answer in its stead
        return run_seen(new(cls, inputs), cls.definition, cls._plan)
    return cls._execute(inputs)


def walk(cls: Any, inputs: Any) -> Any:
    """Run a service whose inputs are made, seen by nobody, step by step of its plan."""
    return execute(new(cls, inputs), cls.definition, cls._plan)


async def arun(cls: Any, inputs: Any) -> Any:
    """Do what ``run`` does."""
    run_it = arun_seen if SEAM.in_use else aexecute
    return await run_it(new(cls, inputs), cls.definition, cls._plan)
