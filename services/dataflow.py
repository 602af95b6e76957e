"""
What each step reads and sets, read from its code. Nothing is run.

The code is Python's own, compiled: it is there in a REPL as well, where no source is,
and ``self.internals.next`` is the same three instructions in every version. Methods of
``self`` that a step calls belong to it.

What cannot be known is not claimed: a step that hands on a layer as a whole, or
``self``, may do anything with it. Such a layer is *opaque* there.
"""

from __future__ import annotations

import dis
import inspect
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Final

from attrs import NOTHING, define, field, frozen

from services.fields import fields_of
from services.steps import Stage, methods_in
from services.wording import without_locals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.definition import Definition
    from services.steps import Node

LAYERS: Final = ("inputs", "internals", "outputs")

Name = tuple[str, str]
"""A layer and an attribute of it: ``("internals", "next")``."""


@frozen(kw_only=True)
class Access:
    """
    What one method reads and sets, with the methods of ``self`` that it calls.

    :ivar reads: layer and attribute of each value that it takes from elsewhere, in the
        order of the code. What it set itself before is not among them.
    :ivar sets: layer and attribute of each value that it may set.
    :ivar opaque: the layers that it hands on as a whole, of which nothing is claimed.
    :ivar may_end_run: whether it calls ``self.done()``.

    .. versionadded:: 0.1
    """

    reads: tuple[Name, ...]
    sets: tuple[Name, ...]
    opaque: frozenset[str]
    may_end_run: bool = False


def dataflow_of(definition: Definition) -> Mapping[str, Access]:
    """Read every method that a flow names; by its name."""
    names = {name for _, name in methods_in(definition.flow)}
    return {name: _access(definition.service, name) for name in names}


def _access(cls: type, name: str) -> Access:
    reading = _Reading(cls=cls)
    reading.follow(_found(cls.__mro__, name))
    return Access(
        reads=tuple(reading.reads),
        sets=tuple(reading.sets),
        opaque=frozenset(reading.opaque),
        may_end_run=reading.calls_done,
    )


_MISSING: Final = object()


def _found(classes: tuple[type, ...], name: str) -> Any:
    """Give what the first of some classes has under a name, without calling it."""
    for cls in classes:
        if name in vars(cls):
            return vars(cls)[name]
    return _MISSING


@define
class _Reading:
    """What has been seen so far, while one method and its helpers are read."""

    cls: type
    # Dicts for their order.
    reads: dict[Name, None] = field(factory=dict)
    sets: dict[Name, None] = field(factory=dict)
    opaque: set[str] = field(factory=set)
    calls_done: bool = False
    followed: set[CodeType] = field(factory=set)

    def follow(self, found: Any) -> None:
        """Read a method of ``self``, however it is wrapped."""
        if isinstance(found, property):
            found = found.fget
        if isinstance(found, staticmethod | classmethod | type):
            return  # It is not given self.
        function = inspect.unwrap(found) if callable(found) else found
        if not isinstance(function, FunctionType):
            if callable(function) or hasattr(type(function), "__get__"):
                self.opaque.update(LAYERS)
            return
        code = function.__code__
        if code.co_argcount == 0:  # def wrapper(*args): it may do anything
            self.opaque.update(LAYERS)
        elif code not in self.followed:
            self.followed.add(code)
            self.read_code(code, code.co_varnames[0], self._after(function))

    def _after(self, function: FunctionType) -> tuple[type, ...]:
        """Give the classes in which ``super()`` looks, for a method's own."""
        mro = self.cls.__mro__
        owners = [
            index
            for index, cls in enumerate(mro)
            if any(
                inspect.unwrap(each) is function
                for each in vars(cls).values()
                if isinstance(each, FunctionType)
            )
        ]
        return mro[owners[0] + 1 :] if owners else ()

    def read_code(self, code: CodeType, me: str, parents: tuple[type, ...]) -> None:
        """Read the instructions of a method, and of functions inside it."""
        steps = [each for each in dis.get_instructions(code) if _does(each)]
        steps += [steps[-1]] * 3  # so that looking ahead needs no end
        for at, step in enumerate(steps[:-3]):
            if isinstance(step.argval, CodeType) and me in step.argval.co_freevars:
                self.read_code(step.argval, me, parents)
            elif _is_super(steps, at):
                ahead = next(each for each in steps[at:] if _takes_attribute(each))
                self.follow_if_method(_found(parents, ahead.argval))
            elif _loads(step, code, me) and not _is_for_super(steps, at):
                self.read_self(steps[at + 1 : at + 4])
            elif _loads_below(step, me):
                self.opaque.update(LAYERS)

    def read_self(self, ahead: list[dis.Instruction]) -> None:
        """Read what is done with ``self``, which has just been loaded."""
        taken, then, last = ahead
        if not _takes_attribute(taken):
            if taken.opname != "STORE_ATTR":  # that is refused when it runs
                self.opaque.update(LAYERS)
        elif taken.argval not in LAYERS:
            self.calls_done |= taken.argval == "done"
            self.follow_if_method(_found(self.cls.__mro__, taken.argval))
        elif then.opname == "COPY" and _takes_attribute(last):  # self.internals.x += 1
            self.note(taken.argval, last.argval, "read")
            self.note(taken.argval, last.argval, "set")
        elif _takes_attribute(then):
            self.note(taken.argval, then.argval, "read")
        elif then.opname == "STORE_ATTR":
            self.note(taken.argval, then.argval, "set")
        elif then.opname != "DELETE_ATTR":
            self.opaque.add(taken.argval)

    def follow_if_method(self, found: Any) -> None:
        """Follow what ``self`` has under a name, unless it is every service's own."""
        ours = getattr(found, "__module__", "") == "services.service"
        if found is not _MISSING and not ours:
            self.follow(found)

    def note(self, layer: str, name: str, deed: str) -> None:
        """Take down that a value is read or set."""
        if name not in fields_of(getattr(self.cls, layer)):
            self.opaque.add(layer)  # A method of the layer's own.
        elif deed == "set":
            self.sets[layer, name] = None
        elif (layer, name) not in self.sets:
            self.reads[layer, name] = None


# --- Instructions, as Python 3.11 to 3.14 have them -----------------------------------

_NOTHING_DONE: Final = {"EXTENDED_ARG", "CACHE", "NOP", "RESUME", "PRECALL"}


def _does(step: dis.Instruction) -> bool:
    return step.opname not in _NOTHING_DONE


def _takes_attribute(step: dis.Instruction) -> bool:
    return step.opname in ("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR")


def _names(step: dis.Instruction) -> tuple[Any, ...]:
    """Give the variables that an instruction loads, the last one on top."""
    if "LOAD" not in step.opname or not (
        "FAST" in step.opname or "DEREF" in step.opname
    ):
        return ()
    if isinstance(step.argval, tuple):  # 3.13: two at once
        stores_first = step.opname.startswith("STORE")
        return step.argval[1:] if stores_first else step.argval
    return (step.argval,)


def _loads(step: dis.Instruction, code: CodeType, me: str) -> bool:
    """Tell whether the variable is on top now; its cell, for a closure, is not it."""
    if me in code.co_cellvars and "DEREF" not in step.opname:
        return False
    return _names(step)[-1:] == (me,)


def _loads_below(step: dis.Instruction, me: str) -> bool:
    return me in _names(step)[:-1]


def _is_super(steps: list[dis.Instruction], at: int) -> bool:
    """Tell whether ``super().name`` begins here."""
    step = steps[at]
    return (
        step.argval == "super"
        and step.opname in ("LOAD_GLOBAL", "LOAD_NAME")
        and any(_takes_attribute(each) for each in steps[at : at + 6])
    )


def _is_for_super(steps: list[dis.Instruction], at: int) -> bool:
    """Tell whether ``self`` is loaded for ``super()``, which 3.12 makes visible."""
    return steps[at + 1].opname == "LOAD_SUPER_ATTR"


# --- Findings -------------------------------------------------------------------------

_NOUN: Final = {"internals": "internal", "outputs": "output"}


def findings(definition: Definition) -> list[str]:
    """
    Give what is wrong with a flow, a sentence each: reads too early, outputs never set.

    Only what is certain is told. A condition is taken to hold, and of a layer that is
    handed on as a whole anything is assumed.
    """
    watch = _Watch(definition=definition)
    watch.walk(definition.flow)
    if "outputs" not in watch.opaque:
        for name in _without_default(definition.outputs):
            if ("outputs", name) not in watch.known:
                watch.tell(
                    f"no step sets output {name!r}. "
                    f"Set it in a step, or give it a default."
                )
    return watch.found


def _without_default(layer: Any) -> list[str]:
    return [name for name, each in fields_of(layer).items() if each.default is NOTHING]


@define
class _Watch:
    """What is set, and what was found, on the way through a flow."""

    definition: Definition
    known: set[Name] = field(factory=set)
    opaque: set[str] = field(factory=set)
    found: list[str] = field(factory=list)
    told: set[tuple[str, Name]] = field(factory=set)

    def tell(self, sentence: str) -> None:
        self.found.append(f"{without_locals(self.definition.name)}: {sentence}")

    def walk(self, nodes: tuple[Node, ...]) -> None:
        for node in nodes:
            condition = node.only_if or node.only_unless
            if condition is not None:
                self.look(condition, f"condition {condition!r}", None)
            if isinstance(node, Stage):
                if node.within is not None:
                    self.look(node.within, f"within={node.within!r}", None)
                self.walk(node.nodes)
                if node.recover is not None:
                    self.take(node.recover)
            else:
                self.look(node.name, f"step {node.name!r}", node.name)

    def look(self, name: str, label: str, step: str | None) -> None:
        """Look at what a method reads, then take what it sets as known."""
        for layer, attribute in self.definition.dataflow[name].reads:
            if layer == "inputs" or layer in self.opaque:
                continue
            is_set = (layer, attribute) in self.known
            needed = attribute in _without_default(getattr(self.definition, layer))
            if needed and not is_set and (label, (layer, attribute)) not in self.told:
                self.told.add((label, (layer, attribute)))
                self.tell(
                    f"{label} reads {_NOUN[layer]} {attribute!r}, which no earlier "
                    f"step sets. {self.remedy((layer, attribute), step)}"
                )
        self.take(name)

    def take(self, name: str) -> None:
        access = self.definition.dataflow[name]
        self.known.update(access.sets)
        self.opaque |= access.opaque

    def remedy(self, wanted: Name, step: str | None) -> str:
        for later in self.definition.steps:
            sets = self.definition.dataflow[later.name].sets
            if step is not None and later.name != step and wanted in sets:
                return f"Move {step!r} below {later.name!r}."
        return "Set it in an earlier step, or give it a default."
