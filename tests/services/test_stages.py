"""Stages: what within, recover and compensate see, in which order, and what is left."""

import dataclasses
from contextlib import contextmanager, nullcontext, suppress

import pytest

from services import (
    Inputs,
    Observer,
    Outputs,
    Service,
    ServiceFailed,
    make,
    observe,
    stage,
)

pytestmark = pytest.mark.usefixtures("each_way")


class Logged(Service):
    """Writes to a list that the test holds; each step may be told to misbehave."""

    class inputs(Inputs):
        log: list[str]
        fail_at: str = ""
        end_at: str = ""

    def act(self, name):
        self.inputs.log.append(name)
        if self.inputs.fail_at == name:
            raise ValueError(name)
        return self.done() if self.inputs.end_at == name else None

    def a(self):
        return self.act("a")

    def b(self):
        return self.act("b")

    def c(self):
        return self.act("c")

    @contextmanager
    def outer(self):
        self.inputs.log.append("begin outer")
        try:
            yield
        except BaseException as error:
            self.inputs.log.append(f"roll back outer: {type(error).__name__}")
            raise
        self.inputs.log.append("commit outer")
        self.act("commit of outer")

    @contextmanager
    def inner(self):
        self.inputs.log.append("begin inner")
        try:
            yield
        except BaseException as error:
            self.inputs.log.append(f"roll back inner: {type(error).__name__}")
            raise
        self.inputs.log.append("commit inner")

    def undo(self, error):
        self.inputs.log.append(f"undo: {error}")

    def undo_outer(self, error):
        self.inputs.log.append(f"undo outer: {error}")

    def fix(self, error):
        self.inputs.log.append(f"fix: {error}")
        if self.inputs.end_at == "fix":
            return self.done()
        if self.inputs.fail_at == "fix":
            raise KeyError("fix")
        return None


class Within(Logged):
    steps = (stage(make("a"), make("b"), within="outer"), make("c"))


class Nested(Logged):
    steps = (stage(make("a"), stage(make("b"), within="inner"), within="outer"),)


class Recovered(Logged):
    steps = (
        stage(make("a"), make("b"), within="outer", recover="fix", compensate="undo"),
        make("c"),
    )


class Compensated(Logged):
    steps = (
        stage(stage(make("a"), compensate="undo"), make("b"), compensate="undo_outer"),
        make("c"),
    )


def log_of(service, **given):
    """Run, and give the log; an expected error is no news."""
    log = []
    with suppress(ValueError, KeyError):
        service.run(log=log, **given)
    return log


def test_within_is_around_its_steps_and_no_others():
    """The context manager is entered before the first and left after the last step."""
    assert log_of(Within) == [
        "begin outer",
        "a",
        "b",
        "commit outer",
        "commit of outer",
        "c",
    ]


def test_an_error_leaves_within_as_an_exception():
    """A transaction sees the error, rolls back, and the run ends with it."""
    log = []
    with pytest.raises(ValueError, match=r"^b\n") as raised:
        Within.run(log=log, fail_at="b")
    assert log == ["begin outer", "a", "b", "roll back outer: ValueError"]
    assert raised.value.__notes__[0] == "  Within > b (2 of 3)"


def test_an_early_end_leaves_within_as_a_normal_end():
    """A transaction commits what was done before `done`."""
    assert log_of(Within, end_at="a") == [
        "begin outer",
        "a",
        "commit outer",
        "commit of outer",
    ]


def test_an_early_end_leaves_all_nested_stages_normally():
    """Every context manager around the step commits, from the inside outwards."""
    assert log_of(Nested, end_at="b") == [
        "begin outer",
        "a",
        "begin inner",
        "b",
        "commit inner",
        "commit outer",
        "commit of outer",
    ]


def test_an_error_leaves_all_nested_stages_as_an_exception():
    """Every context manager around the step rolls back."""
    assert log_of(Nested, fail_at="b")[-2:] == [
        "roll back inner: ValueError",
        "roll back outer: ValueError",
    ]


def test_an_error_at_commit_is_told_by_the_name_of_within():
    """A commit that fails is no step's error: the trail names the stage's method."""
    with pytest.raises(ValueError, match="commit of outer") as raised:
        Within.run(log=[], fail_at="commit of outer")
    assert raised.value.__notes__[0] == "  Within > outer"


def test_within_cannot_swallow_an_error():
    """A context manager that suppresses does not turn a failed step into success."""

    class Swallowing(Logged):
        steps = (stage(make("a"), within="swallow"), make("b"))

        def swallow(self):
            return suppress(ValueError)

    log = []
    with pytest.raises(ValueError, match=r"^a\n") as raised:
        Swallowing.run(log=log, fail_at="a")
    assert log == ["a"]
    assert raised.value.__notes__[0] == "  Swallowing > a (1 of 2)"


def test_recover_turns_an_error_into_a_way_on():
    """After rollback and compensation, recover sees the error and the run goes on."""
    assert log_of(Recovered, fail_at="b") == [
        "begin outer",
        "a",
        "b",
        "roll back outer: ValueError",
        "undo: b",
        "fix: b",
        "c",
    ]


def test_an_error_after_a_recovery_is_told_at_its_own_step():
    """What was recovered leaves no trace in the trail of a later error."""

    class Later(Recovered):
        def c(self):
            raise LookupError

    with pytest.raises(LookupError) as raised:
        Later.run(log=[], fail_at="b")
    assert raised.value.__notes__[0] == "  Later > c (3 of 3)"


def test_recover_may_end_the_run_early():
    """A marker that recover returns ends the run with success."""
    log = log_of(Recovered, fail_at="a", end_at="fix")
    assert log[-1] == "fix: a"


def test_recover_that_raises_fails_the_run_with_its_own_error():
    """The new error has the first as its context, and the trail names recover."""

    class Refixed(Recovered):
        def fix(self, _error):
            raise KeyError("fix")

    with pytest.raises(KeyError) as raised:
        Refixed.run(log=[], fail_at="b")
    assert isinstance(raised.value.__context__, ValueError)
    assert raised.value.__notes__[0] == "  Refixed > fix"


def test_recover_is_not_asked_about_what_is_no_error():
    """KeyboardInterrupt and its like pass recover by."""

    class Interrupted(Recovered):
        def b(self):
            raise KeyboardInterrupt

    log = []
    with pytest.raises(KeyboardInterrupt):
        Interrupted.run(log=log)
    assert log == ["begin outer", "a", "roll back outer: KeyboardInterrupt", "undo: "]


def test_a_later_failure_compensates_ended_stages_last_first():
    """All stages that did something are undone in reverse, and the failure stays."""
    log = []
    with pytest.raises(ValueError, match=r"^c\n"):
        Compensated.run(log=log, fail_at="c")
    assert log == ["a", "b", "c", "undo outer: c", "undo: c"]


def test_a_stage_that_did_nothing_is_not_compensated():
    """Without an ended step there is nothing to undo."""
    assert log_of(Compensated, fail_at="a") == ["a"]
    assert log_of(Compensated, fail_at="b") == ["a", "b", "undo outer: b", "undo: b"]


def test_success_compensates_nothing():
    """A run that ends well, early or not, undoes nothing."""
    assert log_of(Compensated) == ["a", "b", "c"]
    assert log_of(Compensated, end_at="b") == ["a", "b"]


def test_missing_outputs_compensate_as_any_failure():
    """A run that ends without an output has failed, and is undone."""

    class Forgetful(Compensated):
        class outputs(Outputs):
            number: int

    log = []
    with pytest.raises(RuntimeError):
        Forgetful.run(log=log)
    assert [entry.partition(":")[0] for entry in log[3:]] == ["undo outer", "undo"]


def test_a_compensation_that_fails_becomes_a_note():
    """The first error leaves with its type, and the others are compensated still."""

    class Stuck(Compensated):
        def undo_outer(self, _error):
            raise OSError("no connection")

        def undo(self, error):
            super().undo(error)
            return self.done()  # means nothing here

    log = []
    with pytest.raises(ValueError, match=r"^c\n") as raised:
        Stuck.run(log=log, fail_at="c")
    assert log == ["a", "b", "c", "undo: c"]
    assert raised.value.__notes__[0] == (
        "  compensate='undo_outer' failed as well: OSError: no connection"
    )


def test_a_recovered_stage_is_not_compensated_twice():
    """What was undone before recover is not undone again by a later failure."""
    log = log_of(Recovered, fail_at="b")
    assert log.count("undo: b") == 1

    class Later(Recovered):
        def c(self):
            raise ValueError("later")

    assert "undo: later" not in log_of(Later, fail_at="b")


def test_a_declared_failure_keeps_type_facts_and_cause_through_stages():
    """Nothing on the way out wraps or replaces a failure."""

    class OutOfStock(ServiceFailed): ...

    class Ordered(Logged):
        steps = (stage(stage(make("order"), within="inner"), within="outer"),)

        def order(self):
            try:
                raise LookupError("shelf")
            except LookupError as error:
                raise OutOfStock("None left.", code="stock", left=0) from error

    with pytest.raises(OutOfStock) as raised:
        Ordered.run(log=[])
    assert type(raised.value) is OutOfStock
    assert (raised.value.code, raised.value.facts) == ("stock", {"left": 0})
    assert isinstance(raised.value.__cause__, LookupError)


class EndingBadly(Logged):
    """A step ends the run early, and then the commit fails and is recovered."""

    steps = (stage(make("a"), within="outer", recover="fix"), make("b"))


def test_an_early_end_that_could_not_be_committed_is_none():
    """What was recovered did not end the run: the next step runs, and all is well."""
    log = []
    EndingBadly.run(log=log, end_at="a", fail_at="commit of outer")
    assert log[-3:] == ["commit of outer", "fix: commit of outer", "b"]


def test_a_recovery_undoes_its_own_stage_alone():
    """Earlier stages stay as they are, and are undone only if the run fails later."""

    class Twofold(Logged):
        steps = (
            stage(make("a"), compensate="undo_outer"),
            stage(make("b"), make("c"), recover="fix", compensate="undo"),
            make("d"),
        )

        def d(self):
            return self.act("d")

    assert log_of(Twofold, fail_at="c") == ["a", "b", "c", "undo: c", "fix: c", "d"]


@dataclasses.dataclass(frozen=True)
class Unwritable(Exception):
    """An exception whose attributes cannot be set, its traceback among them."""

    text: str


def test_an_exception_that_takes_no_notes_is_compensated_as_any():
    """It leaves as what it is, whatever fails on the way, and whoever looks."""

    class Broken(Compensated):
        def c(self):
            raise Unwritable("c")

        def undo_outer(self, _error):
            raise OSError

    for looking in (nullcontext(), observe(Observer())):
        log = []
        with looking, pytest.raises(Unwritable):
            Broken.run(log=log)
        assert log[-1] == "undo: c"


def test_an_exception_that_recover_raises_again_is_the_same():
    """Also one whose attributes cannot be set."""

    class Refused(Logged):
        steps = (stage(make("b"), recover="fix"),)

        def b(self):
            raise Unwritable("b")

        def fix(self, error):
            raise error

    for looking in (nullcontext(), observe(Observer())):
        with looking, pytest.raises(Unwritable):
            Refused.run(log=[])


def test_who_looks_switches_no_compensation_off():
    """A step that returns what it may not has run, and its stage is undone."""

    class Returning(Compensated):
        def c(self):
            return 5

    for looking in (nullcontext(), observe(Observer())):
        log = []
        with looking, pytest.raises(TypeError):
            Returning.run(log=log)
        assert [entry.partition(":")[0] for entry in log[-2:]] == [
            "undo outer",
            "undo",
        ]


def test_an_interrupted_compensation_does_not_end_the_others():
    """All is undone that can be, and then the interruption goes on its way."""

    class Interrupted(Compensated):
        def undo_outer(self, _error):
            raise KeyboardInterrupt

    log = []
    with pytest.raises(KeyboardInterrupt) as raised:
        Interrupted.run(log=log, fail_at="c")
    assert log[-1] == "undo: c"
    assert isinstance(raised.value.__context__, ValueError)
    assert raised.value.__context__.__notes__[0] == (
        "  compensate='undo_outer' failed as well: KeyboardInterrupt: "
    )
    assert raised.value.__context__.__notes__[1] == "  Interrupted > c (3 of 3)"


def test_what_releases_may_be_a_step_as_well():
    """At the end of the run, or when it fails."""

    class Reserving(Logged):
        steps = (
            stage(make("a"), compensate="release"),
            make("b"),
            make("release"),
        )

        def release(self, error=None):
            self.inputs.log.append(f"release: {error}")

    assert log_of(Reserving) == ["a", "b", "release: None"]
    assert log_of(Reserving, fail_at="b") == ["a", "b", "release: b"]
