"""A run held between its steps."""

import pytest

from services import (
    Done,
    FrozenAttribute,
    InputError,
    Inputs,
    Internals,
    MissingOutputs,
    Outputs,
    Service,
    UnexpectedReturn,
    UnknownStep,
    make,
    stage,
)

pytestmark = pytest.mark.usefixtures("each_way")


class Count(Service):
    class inputs(Inputs):
        start: int = 0
        skip: bool = False
        stop: bool = False

    class internals(Internals):
        log: str = ""

    class outputs(Outputs):
        total: int

    steps = (
        make("begin"),
        make("optional", only_unless="skips"),
        stage(make("inside"), only_if="enters", within="never", recover="fix"),
        make("end"),
    )

    def skips(self):
        return self.inputs.skip

    def enters(self):
        self.internals.log += "?"
        return True

    def never(self):
        raise AssertionError

    def fix(self, error):
        raise AssertionError from error

    def begin(self):
        self.internals.log += "b"

    def optional(self) -> Done | None:
        self.internals.log += "o"
        return self.done() if self.inputs.stop else None

    def inside(self):
        self.internals.log += "i"

    def end(self):
        self.internals.log += "e"
        self.outputs.total = self.inputs.start + 1


def test_until_runs_up_to_a_step_and_not_it():
    """The steps before it have run, it and those behind have not."""
    stepper = Count.stepper()
    stepper.until("inside")
    assert stepper.internals.log == "bo"


def test_until_goes_on_from_where_it_stands():
    """No step runs twice, and going back does nothing."""
    stepper = Count.stepper()
    stepper.until("optional")
    stepper.until("begin")
    stepper.until("inside")
    assert stepper.internals.log == "bo"


def test_do_runs_one_step_wherever_it_stands_and_whatever_its_condition():
    """A test may start in the middle, with internals it has set itself."""
    stepper = Count.stepper(skip=True)
    stepper.internals.log = "x"
    stepper.do("optional")
    assert stepper.internals.log == "xo"


def test_do_goes_on_behind_the_step():
    """After do, until and finish go on with the step behind it."""
    stepper = Count.stepper(start=4)
    stepper.do("inside")
    assert stepper.finish().total == 5
    assert stepper.internals.log == "ie"


def test_finish_runs_what_is_left_where_conditions_hold():
    """A stage runs bare, and is asked once whether it runs."""
    stepper = Count.stepper(skip=True)
    outputs = stepper.finish()
    assert stepper.internals.log == "b?ie"
    assert outputs == Count.outputs(total=1)


def test_finished_outputs_are_frozen_and_stay_the_same():
    """Finishing twice gives the same outputs, and nobody sets them any more."""
    stepper = Count.stepper()
    outputs = stepper.finish()
    assert stepper.finish() is outputs
    with pytest.raises(FrozenAttribute):
        stepper.outputs.total = 5


def test_an_early_end_holds_the_stepper():
    """After done no other step runs by until or finish, and is_done tells."""
    stepper = Count.stepper(stop=True)
    stepper.until("inside")
    assert stepper.is_done
    stepper.until("end")
    assert stepper.internals.log == "bo"
    with pytest.raises(MissingOutputs) as raised:
        stepper.finish()
    assert str(raised.value) == (
        "Count ended without its output 'total'. Steps that ran: begin, optional. "
        "Set every output in a step, or give it a default."
    )


def test_an_unknown_step_is_refused():
    """A misspelt step is told with a suggestion, or with all there are."""
    stepper = Count.stepper()
    for act in (stepper.do, stepper.until):
        with pytest.raises(UnknownStep) as refused:
            act("begn")
        assert str(refused.value) == ("Count has no step 'begn'. Did you mean 'begin'?")
    with pytest.raises(UnknownStep) as refused:
        stepper.do("zzz")
    assert str(refused.value) == (
        "Count has no step 'zzz'. It has begin, optional, inside, end."
    )


def test_inputs_are_checked_as_in_a_run():
    """A stepper with wrong inputs is not made."""
    with pytest.raises(InputError):
        Count.stepper(start="0")


def test_what_a_step_raises_arrives_as_it_is():
    """No notes and no recovery: the test sees the bare exception."""

    class Broken(Count):
        def begin(self):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as raised:
        Broken.stepper().do("begin")
    assert not hasattr(raised.value, "__notes__")


def test_a_step_returns_nothing_or_done_here_as_well():
    """What a run refuses, the stepper refuses."""

    class Returning(Count):
        def begin(self):
            return 5

    with pytest.raises(UnexpectedReturn) as raised:
        Returning.stepper().do("begin")
    assert str(raised.value) == (
        "Returning: 'begin' returned int. A step returns nothing, or self.done() "
        "to end the run early; what it found out belongs in self.internals or "
        "self.outputs."
    )


def test_a_stepper_shows_what_was_done_and_every_value():
    """As text it tells the steps so far, the next one, and what is set or not."""
    run = Count.stepper(start=1)
    assert str(run) == (
        "Count: next is begin (1 of 4)\n  inputs.start = 1\n  inputs.skip = False\n"
        "  inputs.stop = False\n  internals.log = ''\n  outputs.total is unset"
    )
    run.finish()
    assert str(run).startswith("Count: did begin, optional, inside, end\n")
    early = Count.stepper(stop=True)
    early.until("end")
    assert str(early).startswith("Count: did begin, optional\n")


class Staged(Service):
    class inputs(Inputs):
        opens: bool

    class internals(Internals):
        log: str = ""

    steps = (
        stage(make("first", only_if="is_first"), make("second"), only_if="opens"),
        make("last"),
    )

    def opens(self):
        self.internals.log += "?"
        return self.inputs.opens

    def is_first(self):
        self.internals.log += "!"
        return True

    def first(self):
        self.internals.log += "1"

    def second(self):
        self.internals.log += "2"

    def last(self): ...


@pytest.mark.parametrize(("opens", "log"), [(True, "?!12"), (False, "?")])
def test_a_stage_is_asked_once_and_before_what_is_in_it(opens, log):
    """Its answer holds for all of its steps; inside a skipped one nothing is asked."""
    stepper = Staged.stepper(opens=opens)
    stepper.until("second")
    stepper.finish()
    assert stepper.internals.log == log
