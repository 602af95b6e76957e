"""Runs, stages and steps, written to a logger."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from services.attributes import shown_values
from services.errors import ServiceFailed
from services.observers import Observer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.observers import Observed, ObservedRun, ObservedStage, ObservedStep

_LEVELS: Final = {"done": logging.INFO, "failed": logging.WARNING}
_WORDS: Final = {"done": "done", "failed": "failed"}


class LoggingObserver(Observer):
    """
    Writes runs to a logger: what failed and what ended, how long it took, with extras.

    A run that was done is INFO, one that declared a failure WARNING, any other error
    ERROR; steps, and stages with a ``within``, are DEBUG. Each record carries, for
    structured logs, ``service``, ``step`` (of steps), ``stage`` (of stages), ``trail``,
    ``outcome`` (``skipped`` for a skipped step) and ``duration_s``; of runs ``inputs``,
    in short form with sensitive values masked, and of failures ``code``. Of errors the
    type is written, not the text, which may hold values that nobody masks.

    :param logger: where to write; ``logging.getLogger("services")`` if none is given.

    .. versionadded:: 0.1
    """

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self.logger = logger or logging.getLogger("services")

    def run_ended(self, run: ObservedRun) -> None:
        """Write how a run has ended."""
        level = _LEVELS.get(str(run.outcome), logging.ERROR)
        if self.logger.isEnabledFor(level):
            inputs = shown_values(run.inputs)
            self._write(level, run, run.definition.name, {"inputs": inputs})

    def stage_ended(self, stage: ObservedStage) -> None:
        """Write how a stage has ended, its commit for example."""
        if stage.within is not None and self.logger.isEnabledFor(logging.DEBUG):
            facts = {"stage": stage.within}
            self._write(logging.DEBUG, stage, stage.run.definition.name, facts)

    def step_ended(self, step: ObservedStep) -> None:
        """Write how a step has ended."""
        if self.logger.isEnabledFor(logging.DEBUG):
            self._write(
                logging.DEBUG, step, step.run.definition.name, {"step": step.name}
            )

    def step_skipped(self, step: ObservedStep) -> None:
        """Write that a step was skipped."""
        if self.logger.isEnabledFor(logging.DEBUG):
            extra = {
                "service": step.run.definition.name,
                "step": step.name,
                "trail": step.trail,
                "outcome": "skipped",
                "duration_s": 0.0,
            }
            self.logger.debug(
                "%s skipped by %s", step.trail, step.skipped_by, extra=extra
            )

    def _write(
        self,
        level: int,
        subject: Observed,
        service: str,
        facts: Mapping[str, object],
    ) -> None:
        extra: dict[str, object] = {
            "service": service,
            "trail": subject.trail,
            "outcome": subject.outcome,
            "duration_s": subject.duration_s,
            **facts,
        }
        word = _WORDS.get(str(subject.outcome), "broke")
        why = ""
        if isinstance(subject.error, ServiceFailed):
            extra["code"] = subject.error.code
            why = f" ({subject.error.code})"
        elif subject.error is not None:
            why = f" ({type(subject.error).__name__})"
        self.logger.log(
            level,
            "%s %s in %.3f s%s",
            subject.trail,
            word,
            subject.duration_s,
            why,
            extra=extra,
        )
