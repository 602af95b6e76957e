"""Runs as spans: nested, without values, and failed where they failed."""

from contextlib import contextmanager, suppress

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode, get_current_span

from services import (
    Inputs,
    Outputs,
    Service,
    ServiceFailed,
    attribute,
    make,
    observe,
    stage,
)
from services.contrib.opentelemetry import OpenTelemetryObserver

pytestmark = pytest.mark.usefixtures("each_way")


class Inner(Service):
    class inputs(Inputs):
        end: str = ""
        token: str = attribute(default="s3cret", sensitive=True)

    class outputs(Outputs):
        token: str = attribute(default="s3cret", sensitive=True)

    steps = (make("work"), make("rest"), make("skipped", only_unless="always"))

    def always(self):
        return True

    def work(self):
        if self.inputs.end == "fail":
            self.fail(f"Not with {self.inputs.token}.", code="no", token="s3cret")
        if self.inputs.end == "break":
            raise LookupError(self.inputs.token)
        return self.done() if self.inputs.end == "done" else None

    def rest(self):
        get_current_span().add_event("seen")

    def skipped(self): ...


class Outer(Service):
    class inputs(Inputs):
        end: str = ""

    steps = (stage(make("call"), recover="recover"), make("call_again"))

    def call(self):
        Inner.run(end=self.inputs.end)

    def recover(self, _error): ...

    def call_again(self):
        Inner.run()


def spans_of(service, **given):
    """Run, and give the spans in the order of their end."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with (
        observe(OpenTelemetryObserver(provider)),
        suppress(ServiceFailed, LookupError),
    ):
        service.run(**given)
    return exporter.get_finished_spans()


def test_services_inside_services_are_spans_inside_spans():
    """A run holds its steps, and a step the runs that it calls."""
    spans = spans_of(Outer)
    names = {span.context.span_id: span.name for span in spans}
    nested = [
        (span.name, names.get(span.parent.span_id) if span.parent else None)
        for span in spans
    ]
    inner = [("Inner.work", "Inner"), ("Inner.rest", "Inner")]
    assert nested == [
        *(*inner, ("Inner", "Outer.call"), ("Outer.call", "Outer")),
        *(*inner, ("Inner", "Outer.call_again"), ("Outer.call_again", "Outer")),
        ("Outer", None),
    ]
    assert spans[0].attributes == {
        "services.service": "Inner",
        "services.step": "work",
        "services.outcome": "done",
        "services.ended_early": False,
    }


def test_a_step_is_the_current_span_while_it_runs():
    """What other libraries trace in a step is inside of it."""
    rest = next(span for span in spans_of(Inner) if span.name == "Inner.rest")
    assert [event.name for event in rest.events] == ["seen"]
    assert not get_current_span().is_recording()


@pytest.mark.parametrize(
    ("end", "kind", "code"),
    [("fail", "services.errors.ServiceFailed", "no"), ("break", "LookupError", None)],
)
def test_a_failure_is_an_error_of_its_type_and_code(end, kind, code):
    """The step and the run have the status, and the type; a failure its code."""
    for span in spans_of(Inner, end=end):
        assert span.status.status_code is StatusCode.ERROR
        assert span.attributes["error.type"] == kind
        assert span.attributes.get("services.failure.code") == code


class Committing(Service):
    class inputs(Inputs):
        breaks: bool = False

    steps = (stage(make("save"), within="transaction"),)

    @contextmanager
    def transaction(self):
        yield
        if self.inputs.breaks:
            raise LookupError("s3cret")

    def save(self): ...


def test_what_is_around_steps_is_a_span_around_theirs():
    """An error at its end, at a commit say, is the stage's and not a step's."""
    save, within, run = spans_of(Committing, breaks=True)
    assert within.name == "Committing.transaction"
    assert within.attributes["services.stage"] == "transaction"
    assert save.parent.span_id == within.context.span_id
    assert within.parent.span_id == run.context.span_id
    assert [span.status.status_code for span in (save, within, run)] == [
        StatusCode.UNSET,
        StatusCode.ERROR,
        StatusCode.ERROR,
    ]


def test_early_success_is_no_error():
    """It is told as an attribute, and the status is left alone."""
    step, run = spans_of(Inner, end="done")
    for span in (step, run):
        assert span.status.status_code is StatusCode.UNSET
        assert span.attributes["services.ended_early"] is True


def test_a_recovered_run_is_no_error():
    """The step has failed, and the run around it has not."""
    status = {
        span.name: span.status.status_code for span in spans_of(Outer, end="fail")
    }
    assert status["Outer.call"] is StatusCode.ERROR
    assert status["Outer"] is StatusCode.UNSET


@pytest.mark.parametrize("end", ["", "done", "fail", "break"])
def test_no_value_is_exported(end):
    """Neither inputs nor outputs, nor the text or the facts of an error."""
    for span in spans_of(Inner, end=end):
        assert "s3cret" not in span.to_json()


def test_an_observer_that_comes_late_lets_the_run_be():
    """A run whose start it has not seen is none of its business."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    late = OpenTelemetryObserver(provider)

    class Told(OpenTelemetryObserver):
        def step_ended(self, step):
            super().step_ended(step)
            late.step_ended(step)

    with observe(Told()):
        Inner.run()
    assert exporter.get_finished_spans() == ()
