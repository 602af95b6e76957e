"""
A panel for django-debug-toolbar: the service runs, numbers and waits of a request.

Optional: name it in ``DEBUG_TOOLBAR_PANELS``, and nothing else imports it.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

from debug_toolbar.panels import Panel
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from sequences.allocation.allocate_number import AllocateNumber
from sequences.allocation.allocate_numbers import AllocateNumbers
from sequences.allocation.claim_number import ClaimNumber
from sequences.allocation.draw_number import DrawNumber
from sequences.allocation.number_pending import NumberPending
from sequences.allocation.reserve_block import ReserveBlock
from services import ObservedRun, ObservedStep, Observer, Service, observe
from services.trace import short_error
from services.wording import short

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

# The steps in which each service may wait for others, and the output that it is about.
_WAITS: Final[dict[type[Service], tuple[set[str], str]]] = {
    AllocateNumber: ({"hold", "advance", "lock"}, "value"),
    AllocateNumbers: ({"hold", "advance", "lock"}, "values"),
    NumberPending: ({"number_or_follow"}, "count"),
    ClaimNumber: ({"claim", "replenish_and_claim"}, "value"),
    ReserveBlock: ({"lock"}, "block"),
    DrawNumber: ({"draw"}, "value"),
}


class SequencesPanel(Panel):
    """
    Show the service runs of a request, and the numbers that they took.

    What runs no service is not seen: numbers that :class:`sequences.BlockAllocator`
    gives from memory, and those of :func:`sequences.get_next_value`.

    .. versionadded:: 0.1
    """

    title = "Sequences"
    is_async = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._seen = _Seen()
        self._scope = ExitStack()

    @property
    def nav_subtitle(self) -> str:
        """Tell how often numbers were asked for, and how long that took at most."""
        taken = self.get_stats().get("allocations", [])
        waited = sum(each["waited_ms"] for each in taken)
        return f"{len(taken)} asked for in {waited:.1f} ms" if taken else ""

    def enable_instrumentation(self) -> None:
        """Begin to look; once more changes nothing."""
        self.disable_instrumentation()
        self._scope.enter_context(observe(self._seen))

    def disable_instrumentation(self) -> None:
        """Look no longer."""
        self._scope.close()

    def generate_stats(self, _request: HttpRequest, _response: HttpResponse) -> None:
        """Keep what was seen, as data that the toolbar can store."""
        runs = self._seen.runs
        self.record_stats(
            {
                "runs": [_told_run(run) for run in runs],
                "allocations": [
                    _told_allocation(run, self._seen.waited_s.get(run, 0))
                    for run in runs
                    if run.definition.service in _WAITS
                ],
            }
        )

    @property
    def content(self) -> SafeString:
        """Two tables: the numbers, and the runs."""
        stats = self.get_stats()
        return format_html(
            "<h4>Numbers</h4>{}<h4>Services</h4>{}",
            _table(
                ("sequence", "taken", "waited at most", "by"),
                [
                    (it["sequence"], it["taken"], _ms(it["waited_ms"]), it["trail"])
                    for it in stats.get("allocations", [])
                ],
            ),
            _table(
                ("service", "time", "outcome"),
                [
                    (it["trail"], _ms(it["duration_ms"]), it["outcome"])
                    for it in stats.get("runs", [])
                ],
            ),
        )


class _Seen(Observer):
    """The runs of a request, in the order in which they began."""

    def __init__(self) -> None:
        self.runs: list[ObservedRun] = []
        self.waited_s: dict[ObservedRun, float] = {}

    def run_started(self, run: ObservedRun) -> None:
        self.runs.append(run)

    def step_ended(self, step: ObservedStep) -> None:
        steps, _ = _WAITS.get(step.run.definition.service, ((), ""))
        if step.name in steps:
            before = self.waited_s.get(step.run, 0)
            self.waited_s[step.run] = before + (step.duration_s or 0)


def _told_run(run: ObservedRun) -> dict[str, Any]:
    error = "" if run.error is None else f" {short_error(run.error)}"
    return {
        "trail": run.trail,
        "duration_ms": (run.duration_s or 0) * 1000,
        "outcome": f"{run.outcome}{error}",
    }


def _told_allocation(run: ObservedRun, waited_s: float) -> dict[str, Any]:
    _, output = _WAITS[run.definition.service]
    sequence = run.inputs.sequence  # type: ignore[attr-defined]  # each of them has it
    taken = short(getattr(run.outputs, output)) if run.outcome == "done" else "none"
    return {
        "sequence": getattr(sequence, "sequence_name", sequence),
        "taken": taken,
        "waited_ms": waited_s * 1000,
        "trail": run.trail,
    }


def _ms(value: float) -> str:
    return f"{value:.1f} ms"


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> SafeString:
    if not rows:
        return SafeString("<p>None.</p>")
    return format_html(
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
        format_html_join("", "<th>{}</th>", ((head,) for head in heads)),
        format_html_join(
            "",
            "<tr>{}</tr>",
            (
                (format_html_join("", "<td>{}</td>", ((cell,) for cell in row)),)
                for row in rows
            ),
        ),
    )
