"""A run as a tree."""

import re
from contextlib import contextmanager

import pytest

from services import (
    InputError,
    Inputs,
    Internals,
    Outputs,
    Service,
    ServiceFailed,
    attribute,
    make,
    stage,
)

pytestmark = pytest.mark.usefixtures("each_way")


class Allocate(Service):
    class inputs(Inputs):
        sequence: str
        token: str = attribute(default="secret", sensitive=True)

    class outputs(Outputs):
        value: int

    steps = (make("lock", only_if="is_long"), make("assign"))

    def is_long(self):
        return len(self.inputs.sequence) > 3

    def lock(self): ...

    def assign(self):
        if self.inputs.sequence == "bad":
            self.fail("There is no\n  such sequence.")
        self.outputs.value = 7


class Issue(Service):
    class inputs(Inputs):
        sequence: str = "a"

    class internals(Internals):
        number: int
        secret: str = attribute(sensitive=True)

    class outputs(Outputs):
        number: int

    steps = (make("check"), make("allocate"), make("save"), make("never"))

    def check(self):
        self.internals.secret = "s3"

    def allocate(self):
        self.internals.number = Allocate.run(sequence=self.inputs.sequence).value

    def save(self):
        self.outputs.number = self.internals.number
        return self.done()

    def never(self): ...


def tree(trace):
    """Give the tree without the times, which differ."""
    return re.sub(r" +\d+\.\d ms", "", str(trace))


def test_a_trace_is_the_tree_of_what_happened():
    """Nested services, skipped steps, what changed; sensitive values are masked."""
    trace = Issue.trace()
    assert re.sub(r" {2,}(?=\S)", "  ", tree(trace)) == (
        "Issue  (sequence='a')\n"
        "  check  secret=***\n"
        "  allocate  number=7\n"
        "  Allocate  (sequence='a', token=***)\n"
        "  lock  skipped by is_long\n"
        "  assign  value=7 (output)\n"
        "  save  done  number=7 (output)"
    )
    assert trace.outputs.number == 7
    assert trace.error is None
    assert repr(trace) == "<Trace of Issue: done>"


def test_depth_is_indented_and_times_are_aligned():
    """Each level stands two further in, and each time ends in the same column."""
    lines = str(Issue.trace()).splitlines()
    assert [len(line) - len(line.lstrip()) for line in lines] == [0, 2, 2, 4, 6, 6, 2]
    assert len({line.index(" ms") for line in lines if " ms" in line}) == 1


def test_the_failing_step_is_marked_on_the_way_to_it():
    """The error is told in full where it began, and by its type further out."""
    trace = Issue.trace(sequence="bad")
    assert re.findall(r"(\w+) .*(!! .*)", tree(trace)) == [
        ("Issue", "!! ServiceFailed"),
        ("allocate", "!! ServiceFailed"),
        ("Allocate", "!! ServiceFailed"),
        ("assign", "!! ServiceFailed: There is no such sequence."),
    ]
    assert isinstance(trace.error, ServiceFailed)
    assert trace.error.__notes__[0].endswith("Allocate > assign (2 of 2)")


class Commit(Service):
    class inputs(Inputs):
        breaks: bool = False

    steps = (
        stage(
            make("save"), stage(make("notify"), recover="go_on"), within="transaction"
        ),
        make("tell"),
    )

    @contextmanager
    def transaction(self):
        yield
        if self.inputs.breaks:
            raise LookupError("the commit")

    def save(self): ...

    def notify(self): ...

    def go_on(self, _error): ...

    def tell(self): ...


def test_a_stage_holds_its_steps_and_what_its_commit_came_to():
    """What is around steps has a line of its own; a stage of steps alone has none."""
    assert tree(Commit.trace()).splitlines() == [
        "Commit  (breaks=False)",
        "  within transaction",
        "    save",
        "    notify",
        "  tell",
    ]
    broken = tree(Commit.trace(breaks=True))
    assert re.sub(r" {2,}(?=\S)", "  ", broken).splitlines() == [
        "Commit  (breaks=True)  !! LookupError",
        "  within transaction  !! LookupError: the commit",
        "  save",
        "  notify",
    ]


class Undone(Service):
    class inputs(Inputs):
        last: str = ""

    steps = (
        stage(make("charge"), compensate="refund"),
        stage(stage(make("mail"), within="session"), recover="queue"),
        make("end"),
    )

    def charge(self): ...

    def refund(self, _error): ...

    def mail(self): ...

    @contextmanager
    def session(self):
        yield
        raise OSError("gone")

    def queue(self, _error):
        if self.inputs.last == "queue":
            raise LookupError("full")

    def end(self):
        if self.inputs.last == "end":
            raise ZeroDivisionError


def test_what_was_recovered_and_what_was_undone_is_told():
    """A stage of steps alone has a line if it was."""
    assert re.sub(r" {2,}(?=\S)", "  ", tree(Undone.trace(last="end"))) == (
        "Undone  (last='end')  !! ZeroDivisionError\n"
        "  stage  compensated by refund\n"
        "  charge\n"
        "  stage  recovered by queue\n"
        "  within session  !! OSError: gone\n"
        "  mail\n"
        "  end  !! ZeroDivisionError"
    )
    assert "charge\n  stage" in tree(Undone.trace())


def test_an_error_of_recover_is_told_where_it_began():
    """By the stage, which has a line then."""
    shown = re.sub(r" {2,}(?=\S)", "  ", tree(Undone.trace(last="queue")))
    assert shown.splitlines()[3:5] == [
        "  stage  !! LookupError: full",
        "  within session  !! OSError: gone",
    ]


def test_the_outputs_of_a_failed_run_raise_its_error():
    """Whoever goes on as if all were well is stopped by what went wrong."""
    trace = Issue.trace(sequence="bad")
    with pytest.raises(ServiceFailed) as raised:
        _ = trace.outputs
    assert raised.value is trace.error


def test_refused_inputs_are_raised():
    """Nothing ran, so there is no tree."""
    with pytest.raises(InputError):
        Issue.trace(sequence=1)


def test_what_ends_the_program_is_raised():
    """A trace keeps exceptions, not Ctrl-C."""

    class Interrupted(Issue):
        def check(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Interrupted.trace()


def test_a_trace_within_a_trace_is_a_tree_of_its_own():
    """The inner tree begins at its run; the outer one has all of it."""

    class Tracing(Service):
        class outputs(Outputs):
            inner: str

        steps = (make("work"),)

        def work(self):
            self.outputs.inner = str(Allocate.trace(sequence="a"))

    trace = Tracing.trace()
    assert trace.outputs.inner.startswith("Allocate ")
    assert "    Allocate " in str(trace)


def test_values_are_shown_as_they_were():
    """What a later step does to an object does not change what is told of it."""

    class Grow(Service):
        class inputs(Inputs):
            items: list[int]

        steps = (make("work"),)

        def work(self):
            self.inputs.items.append(2)

    assert "(items=[1])" in str(Grow.trace(items=[1]))


def test_what_a_step_sets_is_told_whether_it_is_equal_or_not():
    """Values are not compared: some, an array say, cannot be."""

    class Unequal:
        def __eq__(self, other):
            raise ZeroDivisionError

        __hash__ = None

        def __repr__(self):
            return "Unequal()"

    class SetAgain(Service):
        class internals(Internals):
            rows: list[int] = attribute(factory=list)
            odd: Unequal = attribute(factory=Unequal)

        steps = (make("work"),)

        def work(self):
            self.internals.rows = []
            self.internals.odd = Unequal()

    assert "rows=[], odd=Unequal()" in str(SetAgain.trace())


def test_a_step_behind_an_inner_stage_belongs_to_the_outer_one():
    """Where a stage ends, the one around it goes on."""

    class Nested(Service):
        steps = (
            stage(stage(make("one"), within="inner"), make("two"), within="outer"),
            make("three"),
        )

        @contextmanager
        def inner(self):
            yield

        @contextmanager
        def outer(self):
            yield

        def one(self): ...

        def two(self): ...

        def three(self): ...

    assert tree(Nested.trace()).splitlines() == [
        "Nested  ()",
        "  within outer",
        "    within inner",
        "      one",
        "    two",
        "  three",
    ]
