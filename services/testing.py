"""
For tests: answers in the stead of services, and runs taken step by step.

A stub is checked against the contract of the service it stands for when it is declared:
an output that does not exist, a wrong type, a missing output is told at once.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    NoReturn,
    ParamSpec,
    Protocol,
    Self,
    TypeVar,
    cast,
)

from attrs import define, field, frozen

from services.attributes import shown_values
from services.errors import InputError, ServiceFailed
from services.execution import PlannedStep
from services.fields import fields_of
from services.seam import SEAM
from services.wording import did_you_mean, got, layer_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from services.service import Contract, Service
    from services.stepper import Stepper

P = ParamSpec("P")
Q = ParamSpec("Q")
I = TypeVar("I")  # noqa: E741 - inputs
N = TypeVar("N")
O = TypeVar("O")  # noqa: E741 - outputs
I_co = TypeVar("I_co", covariant=True)


class StubbedContract(Protocol[P, Q, I_co]):
    """What a type checker sees of a service class that is stubbed."""

    def inputs(self, *args: P.args, **kwargs: P.kwargs) -> I_co:
        """Stand for the nested class of inputs."""

    def outputs(self, *args: Q.args, **kwargs: Q.kwargs) -> object:
        """Stand for the nested class of outputs."""


class StubError(AssertionError):
    """
    A stub does not fit its service, was called otherwise than expected, or never.

    :ivar service: the name of the service.

    .. versionadded:: 0.1
    """

    def __init__(self, service: str, reason: str) -> None:
        self.service = service
        super().__init__(f"stub({service}): {reason}")


@frozen(kw_only=True)
class _Answer:
    """What one call gets, and with which inputs it is expected to come."""

    told: str
    give: Callable[[Any], None]
    expected: Any = None


class Stub(Generic[P, Q, I]):
    """
    Stands for a service until the test ends.

    Each answer serves one call, in the order of their declaration; the last one serves
    all calls that still come. Inputs are checked as in a run. The service's own steps
    do not run.

    :ivar calls: the inputs of each call so far.

    .. versionadded:: 0.1
    """

    def __init__(self, service: Any) -> None:
        self._service = service
        self._name: str = service.definition.name
        self._answers: list[_Answer] = []
        self._expected: Any = None
        self._broken: StubError | None = None
        self._lock = Lock()
        self.calls: list[I] = []

    def with_inputs(self, *args: P.args, **kwargs: P.kwargs) -> Self:
        """
        Expect these inputs, defaults filled in, of the call that gets the next answer.

        :raises InputError: if the service would refuse them.

        .. versionadded:: 0.1
        """
        self._expected = self._service.inputs(*args, **kwargs)
        return self

    def returns(self, *args: Q.args, **kwargs: Q.kwargs) -> Answered[P, Q, I]:
        """
        Let a call end with these outputs.

        :raises StubError: if they are not what the service declares: all that is wrong.

        .. versionadded:: 0.1
        """
        layer = self._service.outputs
        try:
            outputs = layer(*args, **kwargs)
        except InputError as error:
            known = fields_of(layer)
            problems = "".join(
                f"\n  {each.path} is not an output.{did_you_mean(each.path, known)}"
                if each.code == "unknown"
                else f"\n  {each}"
                for each in error.problems
            )
            reason = f"returns() does not fit {layer_name(layer)}:{problems}"
            raise StubError(self._name, reason) from None

        def give(service: Any) -> None:
            # Converted and checked they are already; defaults each run makes anew.
            for name in kwargs:
                object.__setattr__(service.outputs, name, getattr(outputs, name))

        return self._answer("returns", give)

    def fails(
        self, message: str, /, *, code: str = "failed", **facts: Any
    ) -> Answered[P, Q, I]:
        """
        Let a call end as by ``self.fail(...)``, with :class:`services.ServiceFailed`.

        :raises TypeError: as that does.

        .. versionadded:: 0.1
        """
        ServiceFailed(message, code=code, **facts)  # What it refuses, it refuses here.

        def give(_: Any) -> NoReturn:
            raise ServiceFailed(message, code=code, **facts)

        return self._answer("fails", give)

    def raises(self, error: BaseException) -> Answered[P, Q, I]:
        """
        Let a call end with an exception.

        .. versionadded:: 0.1
        """
        if not isinstance(error, BaseException):
            remedy = "Give it an exception: raises(ValueError('...'))."
            raise StubError(self._name, f"raises() was given {got(error)}. {remedy}")
        notes = list(getattr(error, "__notes__", []))

        def give(_: Any) -> NoReturn:
            if hasattr(error, "__notes__"):
                error.__notes__ = list(notes)  # those of an earlier call are not its
            raise error.with_traceback(None)

        return self._answer("raises", give)

    def _answer(self, told: str, give: Callable[[Any], None]) -> Answered[P, Q, I]:
        expected, self._expected = self._expected, None
        self._answers.append(_Answer(told=told, give=give, expected=expected))
        return Answered(self)

    def _stubbed(self, service: Service) -> None:
        """Answer a call: the one step of the run that stands for the service's own."""
        inputs: Any = service.inputs
        if not self._answers:
            self._break("was called, and has no answer. Add .returns(...).")
        with self._lock:  # Each answer serves one call, whatever thread it comes from.
            self.calls.append(inputs)
            call = len(self.calls)
        answer = self._answers[min(call, len(self._answers)) - 1]
        if answer.expected is not None and answer.expected != inputs:
            self._break(
                f"call {call} came with ({shown_values(inputs)}), "
                f"expected were ({shown_values(answer.expected)}). "
                f"They differ in {_differing(answer.expected, inputs)}."
            )
        answer.give(service)

    def _break(self, reason: str) -> NoReturn:
        # Kept as well: the code under test may handle what is raised into it.
        self._broken = StubError(self._name, reason)
        raise self._broken

    def _verify(self) -> None:
        if self._broken is not None:
            raise self._broken
        if self._expected is not None or not self._answers:
            self._refuse("was given no answer. Add .returns(...), or take it away.")
        unused = len(self._answers) - len(self.calls)
        if unused > 0:
            total = len(self._answers)
            noun = "answer" if total == 1 else "answers"
            first = self._answers[len(self.calls)].told
            times = {0: "never", 1: "once"}.get(
                len(self.calls), f"{len(self.calls)} times"
            )
            self._refuse(
                f"{unused} of {total} {noun} unused, the first is {first}(). The code "
                f"under test called it {times}. Take away what is not needed, or mend "
                f"the code."
            )

    def _refuse(self, reason: str) -> NoReturn:
        raise StubError(self._name, reason)


def _differing(expected: Any, inputs: Any) -> str:
    """Name the inputs that differ; of sensitive ones nothing else could be seen."""
    names = fields_of(type(expected))
    return ", ".join(n for n in names if getattr(expected, n) != getattr(inputs, n))


@frozen(eq=False)
class Answered(Generic[P, Q, I]):
    """
    A stub that has an answer; ``then`` leads to the next one.

    .. versionadded:: 0.1
    """

    _stub: Stub[P, Q, I]

    @property
    def then(self) -> Stub[P, Q, I]:
        """The stub, to tell what the call after that gets."""
        return self._stub

    @property
    def calls(self) -> list[I]:
        """The inputs of each call so far."""
        return self._stub.calls


@define(eq=False)
class Stubs:
    """
    Makes stubs, and takes them back when the test ends.

    Called with a service, it gives its :class:`Stub`; the same one whenever it is
    called with that service again, so that answers queue up. A subclass is another
    service. Stubs serve all threads.

    .. versionadded:: 0.1
    """

    _made: dict[Any, Stub[..., ..., Any]] = field(factory=dict, init=False)

    def __call__(self, service: StubbedContract[P, Q, I]) -> Stub[P, Q, I]:
        """Give the stub of a service; from now on it answers in the service's stead."""
        cls: Any = service
        if not hasattr(cls, "definition"):
            raise TypeError(f"stub() takes a service, got {got(cls)}.")
        if cls not in self._made:
            if cls in SEAM.replaced:
                reason = "it is stubbed already, outside of this block. Use that stub."
                raise StubError(cls.definition.name, reason)
            made: Stub[..., ..., Any] = Stub(cls)
            answer = PlannedStep(
                name="stub",
                condition=None,
                condition_name=None,
                wanted=True,
                call=made._stubbed,  # noqa: SLF001 - of this module
            )
            self._made[cls] = made
            SEAM.replaced[cls] = (answer,)
            SEAM.enter()
        return cast("Stub[P, Q, I]", self._made[cls])

    def verify(self) -> None:
        """
        See that each stub was called as expected, and each answer was needed.

        :raises StubError: for the first that was not.
        """
        for each in self._made.values():
            each._verify()  # noqa: SLF001 - of this module

    def close(self) -> None:
        """Let the services run their own steps again."""
        while self._made:
            service, _ = self._made.popitem()
            del SEAM.replaced[service]
            SEAM.leave()


@contextmanager
def stubs() -> Iterator[Stubs]:
    """
    Give what makes stubs, for a ``with`` block; see at its end that all were needed.

    In a ``unittest.TestCase``: ``stub = self.enterContext(stubs())``.

    :raises StubError: at the end, as :meth:`Stubs.verify`, unless something else is
        raised already.

    .. versionadded:: 0.1
    """
    made = Stubs()
    try:
        yield made
        made.verify()
    finally:
        made.close()


@define(eq=False)
class Steppers:
    """
    Makes steppers, and keeps them, so that a test that fails can show where they stand.

    :ivar steppers: those that were made, in their order.

    .. versionadded:: 0.1
    """

    steppers: list[Stepper[Any, Any, Any]] = field(factory=list, init=False)

    def __call__(
        self, service: Contract[P, I, N, O], /, *args: P.args, **kwargs: P.kwargs
    ) -> Stepper[I, N, O]:
        """
        Give what ``service.stepper(...)`` gives.

        :raises InputError: as that does.
        """
        cls: Any = service
        made: Stepper[I, N, O] = cls.stepper(*args, **kwargs)
        self.steppers.append(made)
        return made
