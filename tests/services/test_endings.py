"""How a run ends: complete, inside of its stages, and by the marker alone."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services import (
    Done,
    DoneNotReturned,
    Inputs,
    MissingOutputs,
    Outputs,
    Service,
    ServiceFailed,
    UndeclaredState,
    make,
    stage,
)

pytestmark = pytest.mark.usefixtures("each_way")

log: list[str] = []


@pytest.fixture(autouse=True)
def empty_log():
    """Begin with nothing told."""
    log.clear()


class Transaction(Service):
    """A parent whose stages tell how they ended."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            log.append("rollback")
            raise
        log.append("commit")


class Forgetful(Transaction):
    class outputs(Outputs):
        value: int

    steps = (stage(stage(make("work")), within="transaction"),)

    def work(self) -> None:
        """Forget the output."""


def test_missing_outputs_are_found_before_the_commit():
    """A run that ends without an output rolls back what its last stage wrote."""
    with pytest.raises(MissingOutputs):
        Forgetful.run()

    assert log == ["rollback"]


class EarlyAndForgetful(Forgetful):
    steps = (make("never"),)

    def work(self) -> Done:  # type: ignore[override]
        return self.done()

    def never(self) -> None:
        self.outputs.value = 1


def test_an_early_end_must_be_complete_before_the_commit():
    """done() without all outputs rolls back, even in a stage that is not the last."""
    with pytest.raises(MissingOutputs):
        EarlyAndForgetful.run()

    assert log == ["rollback"]


class Talkative(Transaction):
    steps = (stage(make("work"), make("go_on"), within="transaction"),)

    def work(self) -> None:
        self.done()

    def go_on(self) -> None:
        log.append("went on")


def test_done_has_to_be_returned():
    """A step that only calls done() is told so, and the run rolls back."""
    with pytest.raises(DoneNotReturned) as refusal:
        Talkative.run()

    assert str(refusal.value) == (
        "Talkative: step 'work' called self.done() without returning it, so the run "
        "did not end there. Write 'return self.done()'."
    )
    assert log == ["rollback"]


class Hoarder(Service):
    steps = (make("work"),)

    def work(self) -> None:
        self.secret = 1


def test_a_service_has_no_state_beside_its_layers():
    """Setting an attribute of the service itself is refused."""
    with pytest.raises(UndeclaredState) as refusal:
        Hoarder.run()

    assert str(refusal.value) == (
        "Hoarder holds no state of its own, so self.secret cannot be set. Declare it "
        "in internals or outputs, and set it there."
    )


class Explaining(Service):
    steps = (make("work"),)

    def work(self) -> None:
        self.fail("No.", message="kept")


def test_a_fact_may_be_called_message():
    """The facts of a failure have their names to themselves."""
    with pytest.raises(ServiceFailed) as failure:
        Explaining.run()

    assert failure.value.facts == {"message": "kept"}


class Careless(Service):
    class inputs(Inputs):
        who: str

    steps = (
        stage(make("work", only_if="is_wanted"), within="around"),
        make("go_on"),
    )

    def is_wanted(self) -> bool:
        if self.inputs.who == "condition":
            self.done()
        return True

    @contextmanager
    def around(self) -> Iterator[None]:
        if self.inputs.who == "within":
            self.done()
        yield

    def work(self) -> None:
        log.append("work")

    def go_on(self) -> None:
        log.append("went on")


@pytest.mark.parametrize("who", ["condition", "within"])
def test_done_is_for_steps(who: str):
    """Called by another method it is refused there, and no step is blamed."""
    with pytest.raises(DoneNotReturned) as refusal:
        Careless.run(who=who)
    assert str(refusal.value) == (
        "Careless: a method that is no step called self.done() without returning it, "
        "so the run did not end there. Write 'return self.done()': in a step, for no "
        "condition ends a run."
    )
    assert refusal.value.step is None
    assert log == []
