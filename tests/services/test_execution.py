"""One run: steps in order, conditions, early ends, and what a step may not do."""

import pickle

import pytest

from services import (
    Done,
    InputError,
    Inputs,
    Internals,
    MissingOutputs,
    Outputs,
    Service,
    ServiceFailed,
    UnexpectedReturn,
    make,
    stage,
)
from services.testing import Steppers

pytestmark = pytest.mark.usefixtures("each_way")


class Recorded(Service):
    """Steps that write down that they ran."""

    class inputs(Inputs):
        end_at: str = ""

    class internals(Internals):
        seen: list[str]

    class outputs(Outputs):
        seen: tuple[str, ...] = ()

    steps = (make("first"), stage(make("second"), make("third")), make("fourth"))

    def note(self, name: str) -> Done | None:
        self.outputs.seen = (*self.outputs.seen, name)
        return self.done() if self.inputs.end_at == name else None

    def first(self):
        return self.note("first")

    def second(self):
        return self.note("second")

    def third(self):
        return self.note("third")

    def fourth(self):
        return self.note("fourth")


def test_steps_run_in_the_order_of_their_declaration():
    """The order of `steps` is the order of the run, stages opened up."""
    assert Recorded.run().seen == ("first", "second", "third", "fourth")


@pytest.mark.parametrize("name", ["first", "second", "third", "fourth"])
def test_done_ends_the_run_early_and_with_success(name):
    """After `return self.done()` no step runs, wherever it stands."""
    order = ("first", "second", "third", "fourth")
    assert Recorded.run(end_at=name).seen == order[: order.index(name) + 1]


def test_an_early_end_needs_its_outputs_too():
    """Ending early does not excuse a missing output."""

    class Early(Service):
        class outputs(Outputs):
            number: int
            mark: str

        steps = (make("stop"), make("number"))

        def stop(self):
            return self.done()

        def number(self):
            self.outputs.number = 1

    with pytest.raises(MissingOutputs) as raised:
        Early.run()
    assert str(raised.value) == (
        "Early ended without its outputs 'number', 'mark'. Steps that ran: stop. "
        "Set every output in a step, or give it a default."
    )
    assert raised.value.names == ("number", "mark")
    assert raised.value.steps == ("stop",)


def test_a_run_without_steps_tells_so():
    """Without any step the sentence says that none ran."""

    class Idle(Service):
        class outputs(Outputs):
            number: int

    with pytest.raises(MissingOutputs) as raised:
        Idle.run()
    assert str(raised.value) == (
        "Idle ended without its output 'number'. Steps that ran: none. "
        "Set every output in a step, or give it a default."
    )


@pytest.mark.parametrize("role", ["step", "recover"])
def test_a_step_returns_nothing_or_done(role):
    """Another returned value is refused, and never taken for anything."""

    class Returns(Service):
        steps = (
            (make("work"),) if role == "step" else (stage(make("work"), recover="fix"),)
        )

        def work(self):
            if role == "recover":
                raise ValueError
            return 0

        def fix(self, _error):
            return False

    name, kind = ("work", "int") if role == "step" else ("fix", "bool")
    with pytest.raises(UnexpectedReturn) as raised:
        Returns.run()
    assert str(raised.value) == (
        f"Returns: {name!r} returned {kind}. A step returns nothing, or "
        f"self.done() to end the run early; what it found out belongs in "
        f"self.internals or self.outputs."
    )


@pytest.mark.parametrize("truth", [True, False, 1, 0, "yes", "", None])
def test_conditions_decide_by_truth(truth):
    """only_if runs a step if its method returns something true; only_unless if not."""

    class Conditional(Service):
        class outputs(Outputs):
            ran: tuple[str, ...] = ()

        steps = (
            make("a", only_if="holds"),
            make("b", only_unless="holds"),
            stage(make("c"), only_if="holds"),
            stage(make("d"), only_unless="holds"),
        )

        def holds(self):
            return truth

        def note(self, name):
            self.outputs.ran = (*self.outputs.ran, name)

        def a(self):
            self.note("a")

        def b(self):
            self.note("b")

        def c(self):
            self.note("c")

        def d(self):
            self.note("d")

    assert Conditional.run().ran == (("a", "c") if truth else ("b", "d"))


def test_a_stage_is_asked_once_whether_it_runs():
    """The condition of a stage is decided at its beginning, for all its steps."""

    class Once(Service):
        class outputs(Outputs):
            asked: int = 0
            ran: int = 0

        steps = (stage(make("a"), make("b"), only_if="asked_once"),)

        def asked_once(self):
            self.outputs.asked += 1
            return self.outputs.ran == 0

        def a(self):
            self.outputs.ran += 1

        def b(self):
            self.outputs.ran += 1

    outputs = Once.run()
    assert (outputs.asked, outputs.ran) == (1, 2)


def test_a_condition_that_raises_stops_the_run():
    """An error in a predicate is an error of the run, at its step."""

    class Asked(Service):
        steps = (make("work", only_if="broken"),)

        def broken(self):
            raise ZeroDivisionError

        def work(self): ...

    with pytest.raises(ZeroDivisionError) as raised:
        Asked.run()
    assert raised.value.__notes__ == ["  Asked > work (1 of 1)", "  inputs: none"]


def test_fail_raises_a_failure_with_code_and_facts():
    """What is given to fail can be read from the error, and from the sentence."""

    class Full(Service):
        steps = (make("check"), make("never"))

        def check(self):
            self.fail("The sequence is full.", code="full", last=7)

        def never(self):
            raise AssertionError

    with pytest.raises(ServiceFailed) as raised:
        Full.run()
    error = raised.value
    assert (str(error), error.message) == ("The sequence is full.",) * 2
    assert (error.code, error.facts) == ("full", {"last": 7})


def test_a_service_is_run_and_not_instantiated():
    """Calling the class is refused with what to call instead."""
    with pytest.raises(TypeError) as refused:
        Recorded(end_at="first")
    assert str(refused.value) == (
        "Recorded is run, not instantiated. Call Recorded.run(...)."
    )


@pytest.mark.parametrize("verb", ["run", "attempt", "trace", "stepper", "describe"])
def test_the_base_class_is_nothing_to_run(verb):
    """Whoever runs Service itself is told to derive from it."""
    with pytest.raises(AttributeError) as refused:
        getattr(Service, verb)()
    assert str(refused.value) == (
        "Service itself is nothing to run. Derive a class from it, and run that: "
        "class IssueInvoice(Service)."
    )


def test_run_with_takes_the_inputs_of_its_own_service():
    """Inputs made before are taken as they are; others are refused."""
    assert Recorded.run_with(Recorded.inputs(end_at="first")).seen == ("first",)


class Empty(Service):
    """Neither inputs nor steps."""


@pytest.mark.parametrize(
    ("service", "wrong", "kind"),
    [
        (Recorded, {"end_at": "first"}, "dict"),
        (Recorded, Inputs(), "Inputs"),
        (Empty, Recorded.inputs(), "Recorded.inputs"),
    ],
)
def test_run_with_refuses_what_another_service_takes(service, wrong, kind):
    """Also if it has no inputs itself; it tells how its own are made."""
    with pytest.raises(TypeError) as refused:
        service.run_with(wrong)
    name = service.__name__
    assert str(refused.value) == (
        f"{name} takes {name}.inputs, got {kind}. "
        f"Make them with {name}.inputs(...) or {name}.inputs.structure(data)."
    )


def test_an_input_may_have_any_name():
    """None is taken for an argument of ours, on the way into the run."""

    class Named(Service):
        class inputs(Inputs):
            cls: str
            service: str
            inputs: str = ""

        class outputs(Outputs):
            text: str

        steps = (make("join"),)

        def join(self):
            self.outputs.text = self.inputs.cls + self.inputs.service

    given = {"cls": "a", "service": "b"}
    assert Named.run(**given).text == "ab"
    assert Named.attempt(**given).outputs.text == "ab"
    assert Named.trace(**given).outputs.text == "ab"
    assert Named.stepper(**given).finish().text == "ab"
    assert Steppers()(Named, **given).finish().text == "ab"


def test_refused_inputs_run_nothing():
    """No step runs if an input is wrong."""
    with pytest.raises(InputError) as refused:
        Recorded.run(end_at=1)
    assert str(refused.value) == (
        "Recorded refuses its inputs, one problem:\n  end_at must be str, got int 1"
    )
    assert not hasattr(refused.value, "__notes__")


def test_a_monkeypatched_step_takes_effect(monkeypatch):
    """Methods are looked up by name at each call, so a test may replace one."""
    monkeypatch.setattr(Recorded, "second", lambda self: self.note("replaced"))
    assert Recorded.run().seen == ("first", "replaced", "third", "fourth")


def test_the_marker_survives_pickle():
    """Done is known by its type, so a marker from another process is one."""
    marker = pickle.loads(pickle.dumps(Done()))  # noqa: S301 - made in the line itself
    assert isinstance(marker, Done)
