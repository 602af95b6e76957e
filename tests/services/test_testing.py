"""Stubs: answers in the stead of services, checked against their contract."""

# ruff: noqa: PT012 - that the end of the block raises is what is tested

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services import (
    Failure,
    InputError,
    Inputs,
    Outputs,
    Service,
    ServiceFailed,
    attribute,
    make,
    stage,
)
from services.seam import SEAM
from services.testing import StubError, stubs


class Allocate(Service):
    class inputs(Inputs):
        sequence: str
        token: str = attribute(default="secret", sensitive=True)

    class outputs(Outputs):
        value: int
        mark: str = "m"

    steps = (make("work"),)

    def work(self):
        raise AssertionError("the real one ran")


class Issue(Service):
    class outputs(Outputs):
        number: int = 0

    steps = (make("allocate"),)

    def allocate(self):
        self.outputs.number = Allocate.run(sequence="invoices").value


@pytest.fixture
def stub():
    """The stubs alone: what is unused is told by the tests that are about it."""
    with stubs() as made:
        yield made


def test_a_stub_answers_in_the_services_stead(stub):
    """Its steps do not run; the outputs are the service's own, defaults and all."""
    stub(Allocate).returns(value=7)
    outputs = Allocate.run(sequence="a")
    assert isinstance(outputs, Allocate.outputs)
    assert (outputs.value, outputs.mark) == (7, "m")
    assert Issue.run().number == 7


def test_every_verb_is_stubbed(stub):
    """run, run_with and attempt are one run, whichever is called."""
    stub(Allocate).returns(value=1).then.returns(value=2).then.fails("no", code="c")
    assert Allocate.run(sequence="a").value == 1
    assert Allocate.run_with(Allocate.inputs(sequence="a")).value == 2
    match Allocate.attempt(sequence="a"):
        case Failure(error):
            assert (error.message, error.code) == ("no", "c")
        case _:
            pytest.fail("it did not fail")


def test_answers_queue_up_and_the_last_one_stays(stub):
    """`then`, or another call of stub(), adds an answer; the last serves the rest."""
    answered = stub(Allocate).returns(value=1)
    stub(Allocate).returns(value=2)
    assert [Allocate.run(sequence=name).value for name in "abc"] == [1, 2, 2]
    assert [inputs.sequence for inputs in answered.calls] == ["a", "b", "c"]


def test_a_stub_fails_as_the_service_would(stub):
    """With code, facts, and the trail that leads to it."""
    stub(Allocate).fails("There is none.", code="exhausted", last=9)
    with pytest.raises(ServiceFailed) as raised:
        Issue.run()
    assert (raised.value.code, raised.value.facts) == ("exhausted", {"last": 9})
    assert raised.value.__notes__ == [
        "  Issue > allocate (1 of 1) > Allocate > stub",
        "  inputs: sequence='invoices', token=***",
    ]


def test_a_stub_raises_what_it_is_given_each_time_anew(stub):
    """The trail of an earlier call is not on the later one."""
    error = OSError("disk full")
    error.add_note("mine")
    stub(Allocate).raises(error)
    for _ in range(2):
        with pytest.raises(OSError, match="disk full") as raised:
            Issue.run()
        assert raised.value is error
        assert raised.value.__notes__ == [
            "mine",
            "  Issue > allocate (1 of 1) > Allocate > stub",
            "  inputs: sequence='invoices', token=***",
        ]


def test_outputs_that_the_service_does_not_have_are_told_at_once(stub):
    """All that is wrong: unknown, wrong type, missing."""
    with pytest.raises(StubError) as raised:
        stub(Allocate).returns(vale=7, mark=3)
    assert str(raised.value) == (
        "stub(Allocate): returns() does not fit Allocate.outputs:\n"
        "  value is missing (int)\n"
        "  mark must be str, got int 3\n"
        "  vale is not an output. Did you mean 'value'?"
    )
    stub(Allocate).returns(value=1)
    Allocate.run(sequence="a")


def test_inputs_that_the_service_refuses_are_refused(stub):
    """By the stub as by the service, in the expectation as in the call."""
    made = stub(Allocate)
    with pytest.raises(InputError):
        made.with_inputs(sequense="a")
    made.returns(value=1)
    with pytest.raises(InputError):
        Allocate.run(sequence=1)
    Allocate.run(sequence="a")


def test_an_exception_is_asked_for(stub):
    """Something else than an exception cannot be raised, and is told."""
    with pytest.raises(StubError) as raised:
        stub(Allocate).raises("disk full")
    assert str(raised.value) == (
        "stub(Allocate): raises() was given str 'disk full'. "
        "Give it an exception: raises(ValueError('...'))."
    )
    stub(Allocate).returns(value=1)
    Allocate.run(sequence="a")


def test_only_services_are_stubbed(stub):
    """A function is not answered for by a stub."""
    with pytest.raises(TypeError) as raised:
        stub(print)
    assert str(raised.value).startswith("stub() takes a service, got ")


def test_expected_inputs_are_met():
    """Defaults are filled in on both sides."""
    with stubs() as stub:
        stub(Allocate).with_inputs(sequence="invoices").returns(value=3)
        assert Issue.run().number == 3


def test_other_inputs_than_expected_are_told():
    """The call is named, and both are shown, sensitive values masked."""
    with pytest.raises(StubError) as raised, stubs() as stub:
        stub(Allocate).with_inputs(sequence="orders").returns(value=3)
        Issue.run()
    assert str(raised.value) == (
        "stub(Allocate): call 1 came with (sequence='invoices', token=***), "
        "expected were (sequence='orders', token=***). They differ in sequence."
    )


def test_a_sensitive_input_that_differs_is_named():
    """Masked, the two look the same."""
    with pytest.raises(StubError) as raised, stubs() as stub:
        stub(Allocate).with_inputs(sequence="a", token="one").returns(value=3)
        Allocate.run(sequence="a", token="two")
    assert str(raised.value) == (
        "stub(Allocate): call 1 came with (sequence='a', token=***), "
        "expected were (sequence='a', token=***). They differ in token."
    )


@pytest.mark.parametrize("given", [{"message": ""}, {"code": None}])
def test_a_failure_is_declared_in_full(given):
    """What self.fail refuses, fails refuses when it is declared."""
    with stubs() as stub:
        with pytest.raises(TypeError, match="A failure has"):
            stub(Allocate).fails(
                given.get("message", "no"), code=given.get("code", "c")
            )
        stub(Allocate).returns(value=1)
        Allocate.run(sequence="a")


def test_a_wrong_call_is_told_even_if_the_code_handles_it():
    """What the code under test swallows, the end of the test tells."""

    class Careful(Issue):
        steps = (stage(make("again"), recover="ignore"),)

        def allocate(self): ...

        def again(self):
            Allocate.run(sequence="invoices")

        def ignore(self, error): ...

    with pytest.raises(StubError, match="call 1 came with"), stubs() as stub:
        stub(Allocate).with_inputs(sequence="orders").returns(value=3)
        Careful.run()


def test_a_stub_without_an_answer_is_told():
    """When it is called, and when the test ends."""
    with pytest.raises(StubError) as raised, stubs() as stub:
        stub(Allocate)
        Allocate.run(sequence="a")
    assert str(raised.value) == (
        "stub(Allocate): was called, and has no answer. Add .returns(...)."
    )
    with pytest.raises(StubError) as raised, stubs() as stub:
        stub(Allocate).with_inputs(sequence="a")
    assert str(raised.value) == (
        "stub(Allocate): was given no answer. Add .returns(...), or take it away."
    )


def test_unused_answers_are_told_at_the_end():
    """A test that prepares what is not needed says something untrue."""
    with pytest.raises(StubError) as raised, stubs() as stub:
        stub(Allocate).returns(value=1).then.fails("no").then.returns(value=2)
        Issue.run()
    assert str(raised.value) == (
        "stub(Allocate): 2 of 3 answers unused, the first is fails(). The code under "
        "test called it once. Take away what is not needed, or mend the code."
    )


def test_what_went_wrong_before_comes_first():
    """An unused stub does not hide the error of the test."""
    with pytest.raises(ZeroDivisionError), stubs() as stub:
        stub(Allocate).returns(value=1)
        raise ZeroDivisionError


def test_after_the_block_the_service_is_itself_again():
    """Nothing is left behind, however it ends."""
    with stubs() as stub:
        stub(Allocate).returns(value=1)
        Issue.run()
    assert SEAM.in_use == 0
    with pytest.raises(AssertionError, match="the real one ran"):
        Issue.run()


def test_stubs_serve_all_threads(stub):
    """Whichever calls first, each answer serves one call."""
    threads, each = 8, 1_000
    answered = stub(Allocate).returns(value=0)
    for value in range(1, threads * each):
        answered = answered.then.returns(value=value)
    together = threading.Barrier(threads)

    def issue(_thread):
        together.wait()
        return [Issue.run().number for _ in range(each)]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(threads) as pool:
            found = [
                number for part in pool.map(issue, range(threads)) for number in part
            ]
    finally:
        sys.setswitchinterval(interval)
    assert sorted(found) == list(range(threads * each))
    assert len(answered.calls) == threads * each


def test_each_call_has_defaults_of_its_own(stub):
    """What one caller does to a list is not seen by the next."""

    class Collect(Service):
        class outputs(Outputs):
            rows: list[int] = attribute(factory=list)

    stub(Collect).returns()
    Collect.run().rows.append(1)
    assert Collect.run().rows == []


def test_an_answer_is_converted_once(stub):
    """When it is declared; each call gets what came of it."""

    class Doubled(Service):
        class outputs(Outputs):
            value: int = attribute(converter=lambda value: value * 2)

    stub(Doubled).returns(value=3)
    assert [Doubled.run().value for _ in range(2)] == [6, 6]


def test_a_stubbed_service_is_seen_in_a_trace(stub):
    """Observers see the run, and the stub as its one step."""
    stub(Allocate).returns(value=7)
    trace = Issue.trace()
    assert trace.outputs.number == 7
    assert "stub" in str(trace)


def test_a_subclass_is_another_service(stub):
    """Who stubs the parent has not said what the child gives."""

    class Child(Allocate):
        def work(self):
            self.outputs.value = 9

    stub(Allocate).returns(value=1)
    assert (Allocate.run(sequence="a").value, Child.run(sequence="a").value) == (1, 9)


SUITE = """
from services import Outputs, Service, make


class Give(Service):
    class outputs(Outputs):
        value: int

    steps = (make("work"),)

    def work(self):
        self.outputs.value = 1


def test_used(stub):
    stub(Give).returns(value=7)
    assert Give.run().value == 7


def test_unused(stub):
    stub(Give).returns(value=7)


def test_broken(stub):
    stub(Give).returns(value=7)
    raise ZeroDivisionError


def test_without():
    assert Give.run().value == 1


def test_taken_late(request):
    request.getfixturevalue("stub")(Give).returns(value=8)
"""


def run_by_pytest(suite: str, folder: Path) -> str:
    """Run tests in a pytest of their own; give what it prints."""
    (folder / "test_suite.py").write_text(suite)
    (folder / "pytest.ini").write_text("[pytest]\n")
    root = Path(__file__).parent.parent.parent
    options = ["-p", "services.pytest_plugin", "-p", "no:cacheprovider", "-q"]
    program = (
        f"import sys, pytest; sys.path.insert(0, {str(root)!r}); "
        f"sys.exit(pytest.main({[*options, '-p', 'no:django', str(folder)]!r}))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
    )
    return ended.stdout + ended.stderr


def test_pytest_has_the_fixture(tmp_path: Path):
    """A test with an unused stub fails; one that fails tells its own error."""
    told = run_by_pytest(SUITE, tmp_path)
    assert "3 failed, 2 passed" in told, told
    assert "FAILED test_suite.py::test_taken_late - services.testing.StubError" in told
    assert "StubError: stub(Give): 1 of 1 answer unused" in told
    assert "ZeroDivisionError" in told


STEPPED = """
from services import Inputs, Internals, Outputs, Service, attribute, make

class Issue(Service):
    class inputs(Inputs):
        series: str
        token: str = attribute(default="s3cret", sensitive=True)
    class internals(Internals):
        next: int
    class outputs(Outputs):
        number: int
    steps = (make("lock"), make("count"), make("save"))
    def lock(self):
        self.internals.next = 6
    def count(self):
        self.internals.next += 1
    def save(self):
        self.outputs.number = 1 // (self.internals.next - 7)

def test_wrong(stepper):
    run = stepper(Issue, series="invoices")
    other = stepper(Issue, series="orders")
    run.until("save")
    assert run.internals.next == 8

def test_broken(stepper):
    stepper(Issue, series="invoices").finish()

def test_taken_late(request):
    request.getfixturevalue("stepper")(Issue, series="late").do("lock")
    raise AssertionError

def test_right(stepper):
    stepper(Issue, series="shown never").do("lock")
"""


def test_a_test_that_fails_shows_where_its_steppers_stand(tmp_path: Path):
    """Steps and values, and no secret; of a test that passes, nothing."""
    told = run_by_pytest(STEPPED, tmp_path)
    values = (
        "\n  inputs.series = 'invoices'\n  inputs.token = ***"
        "\n  internals.next = 7\n  outputs.number is unset\n"
    )
    assert "3 failed, 1 passed" in told, told
    assert f"Issue: did lock, count; next is save (3 of 3){values}" in told
    assert f"Issue: did lock, count; stopped in save{values}" in told
    assert "Issue: next is lock (1 of 3)\n  inputs.series = 'orders'" in told
    assert "Issue: did lock; next is count (2 of 3)\n  inputs.series = 'late'" in told
    assert "s3cret" not in told.replace(STEPPED, "").replace('default="s3cret"', "")
    assert "shown never" not in told


def test_a_service_is_stubbed_by_one_test_at_a_time(stub):
    """Two who answer for the same service would answer each other's calls."""
    stub(Allocate).returns(value=1)
    with pytest.raises(StubError) as raised, stubs() as second:
        second(Allocate)
    assert str(raised.value) == (
        "stub(Allocate): it is stubbed already, outside of this block. Use that stub."
    )
    assert Allocate.run(sequence="a").value == 1
