"""Service, the base class: a facade over the modules around it."""

# pyright: reportArgumentType=false
# A classmethod whose ``cls`` is a protocol is what gives users' calls their types;
# pyright reads it right at each call and objects to it only here.

from __future__ import annotations

from collections.abc import Callable
from typing import (
    Any,
    ClassVar,
    Final,
    NoReturn,
    ParamSpec,
    Protocol,
    TypeVar,
)

from services import calls
from services.attributes import Inputs, Internals, Outputs
from services.definition import Definition, define
from services.describe import describe
from services.errors import ServiceFailed, UndeclaredState
from services.execution import DONE, SAID_DONE, Done, Plan, compile_plan
from services.result import Failure, Success
from services.stepper import Stepper
from services.steps import Steps
from services.trace import Trace, atraced, traced
from services.unrolled import unrolling

P = ParamSpec("P")
I_co = TypeVar("I_co", covariant=True)
N_co = TypeVar("N_co", covariant=True)
O_co = TypeVar("O_co", covariant=True)
I = TypeVar("I")  # noqa: E741 - inputs
N = TypeVar("N")
O = TypeVar("O")  # noqa: E741 - outputs


class Contract(Protocol[P, I_co, N_co, O_co]):
    """
    What a type checker sees of a service class.

    Its nested classes stand here as methods: a class is called like one, and so the
    names and types of its attributes become the parameters of ``run``.
    """

    def inputs(self, *args: P.args, **kwargs: P.kwargs) -> I_co:
        """Stand for the nested class of inputs."""

    def internals(self, *args: Any, **kwargs: Any) -> N_co:
        """Stand for the nested class of internals."""

    def outputs(self, *args: Any, **kwargs: Any) -> O_co:
        """Stand for the nested class of outputs."""


class Service:
    """
    Something that is done in ordered steps, with typed inputs, internals and outputs.

    A subclass declares up to three nested classes and the order of its steps; each step
    is a method without arguments that reads and sets ``self.inputs``,
    ``self.internals`` and ``self.outputs``. Whatever is wrong with the declaration is
    refused when the class is created.

    A service opens no transaction of its own accord: see ``within`` in
    :func:`services.stage`.

    .. versionadded:: 0.1
    """

    inputs: ClassVar[type[Inputs]] = Inputs
    internals: ClassVar[type[Internals]] = Internals
    outputs: ClassVar[type[Outputs]] = Outputs
    steps: ClassVar[Steps] = ()
    definition: ClassVar[Definition]
    """The class as data: see :class:`services.definition.Definition`."""

    _plan: ClassVar[Plan]
    _execute: ClassVar[Callable[[Any], Any]]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.definition = define(cls, Service)
        cls._plan = compile_plan(cls.definition.flow, cls.definition.awaited)
        cls._execute = staticmethod(unrolling(cls, _RUN))

    def __init__(self, *_args: Any, **_given: Any) -> None:
        name = type(self).__name__
        msg = f"{name} is run, not instantiated. Call {name}.run(...)."
        raise TypeError(msg)

    @classmethod
    def run(cls: Contract[P, I, N, O], /, *args: P.args, **kwargs: P.kwargs) -> O:
        """
        Run all steps, and give the finished, frozen outputs.

        :raises InputError: with everything that is wrong with the inputs; nothing ran.
        :raises ServiceFailed: if a step called ``fail``.
        :raises MissingOutputs: if no step set some output; stages roll back.
        :raises MustBeAwaited: if a method is async; nothing ran.
        :raises Exception: whatever a step raises, of its own type, with notes that tell
            the way to it. Stages roll back and compensate before it leaves.

        .. versionadded:: 0.1
        """
        outputs: O = calls.run(cls, calls.made(cls, args, kwargs), "run")
        return outputs

    @classmethod
    async def arun(
        cls: Contract[P, I, N, O], /, *args: P.args, **kwargs: P.kwargs
    ) -> O:
        """
        Run as :meth:`run` does, in an event loop.

        Async methods are awaited; all others run in one thread, in which steps that
        follow each other, and a stage with a sync ``within``, are one piece. With
        asgiref it is the thread for Django's sync code, connections included; what
        context variables are set to in it is not seen outside.

        Cancelled, it fails as by any error: an async step is interrupted, a sync one
        awaited to its end. Stages roll back and compensate.

        .. versionadded:: 0.1
        """
        outputs: O = await calls.arun(cls, calls.made(cls, args, kwargs))
        return outputs

    @classmethod
    def run_with(cls: Contract[..., I, N, O], /, inputs: I) -> O:
        """
        Run as :meth:`run` does, with inputs that were made before.

        :param inputs: what ``S.inputs(...)`` or ``S.inputs.structure(data)`` gave.
        :raises TypeError: if they are the inputs of another service.

        .. versionadded:: 0.1
        """
        outputs: O = calls.run(cls, calls.own_inputs(cls, inputs), "run_with")
        return outputs

    @classmethod
    async def arun_with(cls: Contract[..., I, N, O], /, inputs: I) -> O:
        """
        Run as :meth:`arun` does, with inputs that were made before.

        .. versionadded:: 0.1
        """
        outputs: O = await calls.arun(cls, calls.own_inputs(cls, inputs))
        return outputs

    @classmethod
    def attempt(
        cls: Contract[P, I, N, O], /, *args: P.args, **kwargs: P.kwargs
    ) -> Success[O] | Failure:
        """
        Run, and give a declared failure as a value, for ``match``.

        Only what ``fail`` raises becomes a :class:`Failure`: refused inputs, defects
        and accidents are raised as by :meth:`run`.

        .. versionadded:: 0.1
        """
        try:
            return Success(calls.run(cls, calls.made(cls, args, kwargs), "attempt"))
        except ServiceFailed as error:
            return Failure(error)

    @classmethod
    async def aattempt(
        cls: Contract[P, I, N, O], /, *args: P.args, **kwargs: P.kwargs
    ) -> Success[O] | Failure:
        """
        Run as :meth:`arun` does, and give a value as :meth:`attempt` does.

        .. versionadded:: 0.1
        """
        try:
            return Success(await calls.arun(cls, calls.made(cls, args, kwargs)))
        except ServiceFailed as error:
            return Failure(error)

    @classmethod
    def stepper(
        cls: Contract[P, I, N, O], /, *args: P.args, **kwargs: P.kwargs
    ) -> Stepper[I, N, O]:
        """
        Give a run whose steps the caller takes one by one, for tests.

        :raises InputError: as :meth:`run`.

        .. versionadded:: 0.1
        """
        return Stepper(calls.new(cls, cls.inputs(*args, **kwargs)))

    @classmethod
    def trace(
        cls: Contract[P, I, N, O], /, *args: P.args, **kwargs: P.kwargs
    ) -> Trace[O]:
        """
        Run, and give what happened as a tree to print: ``print(S.trace(...))``.

        It is a run like any other, with all its effects. An exception is kept in the
        trace instead of raised: inside a transaction of yours, that does not roll back.

        :raises InputError: as :meth:`run`.

        .. versionadded:: 0.1
        """
        inputs = cls.inputs(*args, **kwargs)
        calls.require_sync(cls, "trace")
        trace: Trace[O] = traced(lambda: calls.run(cls, inputs, "trace"))
        return trace

    @classmethod
    async def atrace(
        cls: Contract[P, I, N, O], /, *args: P.args, **kwargs: P.kwargs
    ) -> Trace[O]:
        """
        Run as :meth:`arun` does, and give a trace as :meth:`trace` does.

        .. versionadded:: 0.1
        """
        trace: Trace[O] = await atraced(calls.arun(cls, cls.inputs(*args, **kwargs)))
        return trace

    @classmethod
    def describe(cls) -> str:
        """
        Give the contract and the flow as text, and what is wrong with the flow.

        Nothing is run: what each step reads and sets is read from its code.

        .. versionadded:: 0.1
        """
        return describe(cls.definition)

    def fail(self, message: str, /, *, code: str = "failed", **facts: Any) -> NoReturn:
        """
        End the run: it cannot do what it was asked, for a reason its caller expects.

        :param message: one sentence: what was refused, why, what to do.
        :param code: a short name that a program can compare.
        :param facts: what else the caller may want to know.
        :raises ServiceFailed: always.
        :raises TypeError: if message or code is no text, or empty.

        .. versionadded:: 0.1
        """
        raise ServiceFailed(message, code=code, **facts)

    def done(self) -> Done:
        """
        End the run early and with success: ``return self.done()``.

        Context managers around the step end normally, so a transaction commits. The
        outputs must be complete.

        .. versionadded:: 0.1
        """
        vars(self)[SAID_DONE] = True
        return DONE

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise UndeclaredState(type(self).definition.name, name)


# Not looked up for each class: a test may have put a mock in its place.
_RUN: Final[Callable[..., Any]] = vars(Service)["run"].__func__


class _NoDefinition:
    """What Service itself has where its subclasses have their definition."""

    def __get__(self, _instance: object, _owner: type) -> NoReturn:
        raise AttributeError(
            "Service itself is nothing to run. Derive a class from it, and run that: "
            "class IssueInvoice(Service)."
        )


Service.definition = _NoDefinition()  # type: ignore[assignment]
