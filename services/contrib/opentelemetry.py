"""
Runs, stages and steps as spans of OpenTelemetry.

Needs opentelemetry-api: ``pip install "django-seriatim[opentelemetry]"``.
"""

from __future__ import annotations

from contextvars import Token
from typing import TYPE_CHECKING

from opentelemetry import context, trace
from opentelemetry.trace import Span, Status, StatusCode

from services.errors import ServiceFailed
from services.observers import (
    Observed,
    ObservedRun,
    ObservedStage,
    ObservedStep,
    Observer,
)

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import TracerProvider


class OpenTelemetryObserver(Observer):
    """
    Makes a span of each run, and in it of each stage with a ``within`` and each step.

    A run that a step calls is inside the span of the step, and so is what other
    libraries trace there, a query for example. A failure and any other error set the
    span's status to error, with ``error.type``, and a failure its
    ``services.failure.code``; ending early is no error. No input, internal, output,
    and no text of an error is exported: nobody could mask what a text holds.

    :param tracer_provider: whose tracer to use; the global one if none is given.

    .. versionadded:: 0.1
    """

    def __init__(self, tracer_provider: TracerProvider | None = None) -> None:
        self._tracer = trace.get_tracer("services", tracer_provider=tracer_provider)
        self._open: dict[Observed, tuple[Span, Token[Context]]] = {}

    def run_started(self, run: ObservedRun) -> None:
        """Open the span of a run."""
        name = run.definition.name
        self._begin(run, name, {"services.service": name})

    def stage_started(self, stage: ObservedStage) -> None:
        """Open the span of a stage, its commit included."""
        if stage.within is not None:
            service = stage.run.definition.name
            facts = {"services.service": service, "services.stage": stage.within}
            self._begin(stage, f"{service}.{stage.within}", facts)

    def step_started(self, step: ObservedStep) -> None:
        """Open the span of a step."""
        service = step.run.definition.name
        facts = {"services.service": service, "services.step": step.name}
        self._begin(step, f"{service}.{step.name}", facts)

    def run_ended(self, run: ObservedRun) -> None:
        """Close the span of a run."""
        self._end(run, ended_early=run.ended_early)

    def stage_ended(self, stage: ObservedStage) -> None:
        """Close the span of a stage."""
        self._end(stage, ended_early=False)

    def step_ended(self, step: ObservedStep) -> None:
        """Close the span of a step."""
        self._end(step, ended_early=step.ends_run)

    def _begin(self, subject: Observed, name: str, facts: dict[str, str]) -> None:
        span = self._tracer.start_span(name, attributes=facts)
        token = context.attach(trace.set_span_in_context(span))
        self._open[subject] = (span, token)

    def _end(self, subject: Observed, *, ended_early: bool) -> None:
        # An observer that was added in the middle of a run has not seen it begin.
        span, token = self._open.pop(subject, (None, None))
        if span is None or token is None:
            return
        context.detach(token)
        error = subject.error
        span.set_attribute("services.outcome", str(subject.outcome))
        span.set_attribute("services.ended_early", ended_early)
        if error is not None:
            kind = type(error)
            builtin = kind.__module__ == "builtins"
            name = kind.__qualname__
            span.set_attribute(
                "error.type", name if builtin else f"{kind.__module__}.{name}"
            )
            span.set_status(Status(StatusCode.ERROR, kind.__name__))
        if isinstance(error, ServiceFailed):
            span.set_attribute("services.failure.code", error.code)
        span.end()
