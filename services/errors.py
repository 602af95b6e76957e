"""
Every exception of this package.

An error is facts plus one sentence derived from them: what was refused, on which
object, why, and what to do. The facts are attributes; nobody has to parse a sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class ServiceError(Exception):
    """
    The root of all errors raised by this package.

    Each can be pickled and copied, with its facts and notes.

    .. versionadded:: 0.1
    """

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception's own way calls the class with its sentence instead of its facts.
        return _revived, (type(self), self.args), vars(self)


def _revived(cls: type[ServiceError], sentence: tuple[Any, ...]) -> ServiceError:
    return cls.__new__(cls, *sentence)


class DefinitionError(ServiceError, TypeError):
    """
    A service class was refused when it was created. Nothing has run.

    :ivar owner: the qualified name of the refused class.
    :ivar where: ``file:line`` of the class statement, or None where Python does not
        know it.
    :ivar reason: what is wrong and how to put it right.

    .. versionadded:: 0.1
    """

    def __init__(self, owner: str, reason: str, *, where: str | None = None) -> None:
        self.owner = owner
        self.reason = reason
        self.where = where
        place = f" ({where})" if where else ""
        super().__init__(f"{owner}{place}: {reason}")


class InputProblem:
    """
    One thing that is wrong with the data given to a service.

    :ivar path: where, for example ``lines[3].quantity``; the empty string is the whole.
    :ivar code: one of ``missing``, ``unknown``, ``type``, ``invalid``, ``limit``.
    :ivar message: what is wrong, as the end of a sentence that begins with the path.

    .. versionadded:: 0.1
    """

    __slots__ = ("code", "message", "path")

    def __init__(self, path: str, code: str, message: str) -> None:
        self.path = path
        self.code = code
        self.message = message

    def __repr__(self) -> str:
        return f"InputProblem({self.path!r}, {self.code!r}, {self.message!r})"

    def __str__(self) -> str:
        return f"{self.path} {self.message}" if self.path else self.message

    def __eq__(self, other: object) -> bool:
        return isinstance(other, InputProblem) and self._facts() == other._facts()

    def __hash__(self) -> int:
        return hash(self._facts())

    def _facts(self) -> tuple[str, str, str]:
        return (self.path, self.code, self.message)


class InputError(ServiceError, ValueError):
    """
    The inputs of a run were refused, before its first step. Nothing has run.

    All problems are told at once, unknown inputs among them.

    :ivar service: the name of the service.
    :ivar problems: every :class:`InputProblem`, in the order of declaration.

    .. versionadded:: 0.1
    """

    def __init__(self, service: str, problems: Iterable[InputProblem]) -> None:
        self.service = service
        self.problems = tuple(problems)
        count = len(self.problems)
        noun = "one problem" if count == 1 else f"{count} problems"
        lines = "".join(f"\n  {problem}" for problem in self.problems)
        super().__init__(f"{service} refuses its inputs, {noun}:{lines}")

    def by_path(self) -> dict[str, list[str]]:
        """Give the messages grouped by path, ready for ``form.add_error`` or an API."""
        grouped: dict[str, list[str]] = {}
        for problem in self.problems:
            grouped.setdefault(problem.path, []).append(problem.message)
        return grouped


class InvalidAttribute(ServiceError, TypeError):
    """
    A step set an internal or an output to something its declaration does not allow.

    The attribute keeps the value it had.

    :ivar owner: the layer, for example ``IssueInvoice.internals``.
    :ivar name: the attribute.
    :ivar problems: every :class:`InputProblem` with the value.

    .. versionadded:: 0.1
    """

    def __init__(self, owner: str, name: str, problems: Iterable[InputProblem]) -> None:
        self.owner = owner
        self.name = name
        self.problems = tuple(problems)
        reasons = "; ".join(str(problem) for problem in self.problems)
        super().__init__(f"{owner}: {reasons}.")


class UnknownAttribute(ServiceError, AttributeError):
    """
    A step named an attribute that its layer does not declare.

    :ivar owner: the qualified name of the layer.
    :ivar attribute: the name that is not declared.

    .. versionadded:: 0.1
    """

    def __init__(self, owner: str, attribute: str, remedy: str) -> None:
        self.owner = owner
        self.attribute = attribute
        super().__init__(f"{owner} declares no {attribute!r}.{remedy}")


class FrozenAttribute(ServiceError, AttributeError):
    """
    Somebody set an input, or an output after its run had ended.

    :ivar owner: the qualified name of the layer.
    :ivar attribute: the name that was to be set.

    .. versionadded:: 0.1
    """

    def __init__(self, owner: str, attribute: str, remedy: str) -> None:
        self.owner = owner
        self.attribute = attribute
        super().__init__(f"{owner} is frozen, so {attribute!r} cannot be set. {remedy}")


class MustBeAwaited(ServiceError, TypeError):
    """
    A service with an async method was called without ``await``. Nothing has run.

    :ivar service: the name of the service.
    :ivar method: the first of its methods that is async.
    :ivar call: what to await instead, for example ``IssueInvoice.arun``.

    .. versionadded:: 0.1
    """

    def __init__(self, service: str, method: str, call: str) -> None:
        self.service = service
        self.method = method
        self.call = call
        super().__init__(
            f"{service}: {method!r} is async, so the run must be awaited. "
            f"Write 'await {call}(...)'."
        )


class UndeclaredState(ServiceError, AttributeError):
    """
    A step set an attribute of the service itself, past its declared layers.

    :ivar service: the name of the service.
    :ivar attribute: the name that was to be set.

    .. versionadded:: 0.1
    """

    def __init__(self, service: str, attribute: str) -> None:
        self.service = service
        self.attribute = attribute
        super().__init__(
            f"{service} holds no state of its own, so self.{attribute} cannot be set. "
            f"Declare it in internals or outputs, and set it there."
        )


class UnsetAttribute(ServiceError, AttributeError):
    """
    A step read an internal or an output that no step had set.

    :ivar owner: the qualified name of the layer.
    :ivar attribute: the name that was read.

    .. versionadded:: 0.1
    """

    def __init__(self, owner: str, attribute: str) -> None:
        self.owner = owner
        self.attribute = attribute
        super().__init__(
            f"{owner}.{attribute} was read before any step set it. "
            f"Set it in an earlier step, or give it a default."
        )


class MissingOutputs(ServiceError, RuntimeError):
    """
    A run came to its end with declared outputs that no step had set.

    :ivar service: the name of the service.
    :ivar names: the outputs without a value.
    :ivar steps: the names of the steps that ran.

    .. versionadded:: 0.1
    """

    def __init__(
        self, service: str, names: Sequence[str], steps: Sequence[str]
    ) -> None:
        self.service = service
        self.names = tuple(names)
        self.steps = tuple(steps)
        missing = ", ".join(repr(name) for name in names)
        ran = ", ".join(steps) or "none"
        noun = "output" if len(self.names) == 1 else "outputs"
        super().__init__(
            f"{service} ended without its {noun} {missing}. Steps that ran: {ran}. "
            f"Set every output in a step, or give it a default."
        )


class UnexpectedReturn(ServiceError, TypeError):
    """
    A step, or ``recover``, returned something other than None or ``self.done()``.

    :ivar service: the name of the service.
    :ivar step: the name of the method.

    .. versionadded:: 0.1
    """

    def __init__(self, service: str, step: str, value: object) -> None:
        self.service = service
        self.step = step
        super().__init__(
            f"{service}: {step!r} returned {type(value).__name__}. A step returns "
            f"nothing, or self.done() to end the run early; what it found out belongs "
            f"in self.internals or self.outputs."
        )


class DoneNotReturned(ServiceError, RuntimeError):
    """
    A step called ``self.done()`` and went on, instead of returning what it gave.

    No later step has run.

    :ivar service: the name of the service.
    :ivar step: the step; None if it was another method, a condition say.

    .. versionadded:: 0.1
    """

    def __init__(self, service: str, step: str | None = None) -> None:
        self.service = service
        self.step = step
        who = "a method that is no step" if step is None else f"step {step!r}"
        remedy = "." if step else ": in a step, for no condition ends a run."
        super().__init__(
            f"{service}: {who} called self.done() without returning it, so the run "
            f"did not end there. Write 'return self.done()'{remedy}"
        )


class UnknownStep(ServiceError, LookupError):
    """
    A stepper was asked for a step that the service does not have.

    :ivar service: the name of the service.
    :ivar step: the name asked for.

    .. versionadded:: 0.1
    """

    def __init__(self, service: str, step: str, remedy: str) -> None:
        self.service = service
        self.step = step
        super().__init__(f"{service} has no step {step!r}.{remedy}")


_NO_SENTENCES = (type(None), bool, int, float, bytes, BaseException)


class ServiceFailed(ServiceError):
    """
    A service declared that it cannot do what it was asked: ``self.fail(...)``.

    Of all errors only this one, and what derives from it, becomes a ``Failure`` in
    ``attempt``; everything else is a defect or an accident, and is raised.

    :ivar message: the sentence given to ``fail``.
    :ivar code: a short name that a program can compare.
    :ivar facts: what else was given to ``fail``, by name.
    :raises TypeError: if message or code is no text, or empty.

    .. versionadded:: 0.1
    """

    def __init__(self, message: str, /, *, code: str = "failed", **facts: Any) -> None:
        # A text to be translated is no str; it is kept as it is, to be shown later.
        is_sentence = not isinstance(message, _NO_SENTENCES) and str(message).strip()
        is_code = isinstance(code, str) and code
        if not (is_sentence and is_code):
            what, given = ("a code", code) if is_sentence else ("a sentence", message)
            msg = (
                f"A failure has {what}, which is text; got {given!r}. "
                f"Write self.fail('why', code='a_short_name')."
            )
            raise TypeError(msg)
        super().__init__(message)
        self.message = message
        self.code = code
        self.facts: Mapping[str, Any] = facts
