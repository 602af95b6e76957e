"""The twelve traps found in Servactory, the model; ours falls into none of them."""

from contextlib import contextmanager

import pytest

from services import (
    DefinitionError,
    InputError,
    Inputs,
    MissingOutputs,
    Outputs,
    Service,
    ServiceFailed,
    Success,
    attribute,
    make,
    stage,
)


class Transaction:
    """Commits on a normal end and rolls back on an exception, as a database does."""

    def __init__(self):
        self.ended = ""

    def __enter__(self):
        return self

    def __exit__(self, kind, _error, _traceback):
        self.ended = "commit" if kind is None else "rollback"


class Staged(Service):
    """One stage, whose step does what the input says."""

    class inputs(Inputs):
        transaction: Transaction = attribute(factory=Transaction)
        do: object = None

    steps = (stage(make("work"), within="atomic", compensate="undo"),)

    def atomic(self):
        return self.inputs.transaction

    def undo(self, _error):
        return self.done()

    def work(self):
        return self.inputs.do(self)


def test_1_a_mutable_default_is_not_shared_between_calls():
    """A mutable literal is refused, and a factory makes a value for each run."""
    with pytest.raises(DefinitionError):

        class Shared(Inputs):
            lines: list[int] = []  # noqa: RUF012

    class Fresh(Inputs):
        lines: list[int] = attribute(factory=list)

    Fresh().lines.append(1)
    assert Fresh().lines == []


def test_2_a_converter_is_not_run_at_every_read():
    """However often an input is read, it was converted once."""
    calls = []

    class Read(Service):
        class inputs(Inputs):
            number: int = attribute(converter=lambda n: calls.append(n) or int(n))

        steps = (make("read"),)

        def read(self):
            assert self.inputs.number == self.inputs.number == 5

    Read.run(number="5")
    assert calls == ["5"]


def test_3_a_misspelt_option_is_not_accepted():
    """Each declaring function refuses options it does not have."""
    for declare in (
        lambda: attribute(requird=True),
        lambda: make("a", onlyif="b"),
        lambda: stage(make("a"), wthin="b"),
    ):
        with pytest.raises(DefinitionError, match="has no option"):
            declare()


def test_4_redefining_an_input_leaves_one_type():
    """The subclass's type applies alone."""

    class Base(Service):
        class inputs(Inputs):
            key: int

    class Texts(Base):
        class inputs(Base.inputs):
            key: str

    Texts.run(key="a")
    with pytest.raises(InputError):
        Texts.run(key=1)


def test_5_a_wrapper_that_cannot_be_called_is_not_ignored():
    """`within` that is no method is refused when the class is created."""
    with pytest.raises(DefinitionError) as refused:

        class Unwrapped(Service):
            steps = (stage(make("work"), within="atomic"),)
            atomic = True

            def work(self): ...

    assert refused.value.reason == "within='atomic' is not a method but bool."


def test_6_a_wrapper_does_not_lose_the_failures_type_and_facts():
    """The very exception crosses `within`."""

    class OutOfStock(ServiceFailed): ...

    failure = OutOfStock("None left.", code="stock", left=0)

    def fail(_service):
        raise failure

    with pytest.raises(OutOfStock) as raised:
        Staged.run(do=fail)
    assert raised.value is failure
    assert raised.value.facts == {"left": 0}


def test_7_a_rollback_that_returns_does_not_make_success():
    """Whatever compensate returns, the run fails."""

    def fail(service):
        service.fail("No.")

    class Undone(Staged):
        steps = (make("fail_later"),)

        def fail_later(self):
            self.fail("Later.")

    with pytest.raises(ServiceFailed, match=r"No\."):
        Staged.run(do=fail)
    with pytest.raises(ServiceFailed, match=r"Later\."):
        Undone.run(do=lambda _service: None)


def test_8_an_early_success_does_not_roll_the_transaction_back():
    """`done` inside `within` commits."""
    transaction = Transaction()
    Staged.run(transaction=transaction, do=lambda service: service.done())
    assert transaction.ended == "commit"


def test_9_a_declared_output_that_no_step_set_is_an_error():
    """A run without its outputs does not succeed."""

    class Forgetful(Service):
        class outputs(Outputs):
            number: int

    with pytest.raises(MissingOutputs):
        Forgetful.run()


def test_10_an_output_is_never_shadowed_by_the_results_own_attributes():
    """Outputs may be named like anything a result or an error has."""

    class Shadow(Service):
        class outputs(Outputs):
            outputs: int = 1
            error: int = 2
            success: int = 3
            run: int = 4

    match Shadow.attempt():
        case Success(found):
            assert (found.outputs, found.error, found.success, found.run) == (
                1,
                2,
                3,
                4,
            )


def test_11_the_callers_data_is_not_written_into():
    """Neither the given dict nor what is in it changes."""

    class Taking(Service):
        class inputs(Inputs):
            lines: list[int]
            more: dict[str, int] = attribute(factory=dict)

    given = {"lines": [1]}
    Taking.run(**given)
    Taking.run_with(Taking.inputs.structure(given))
    assert given == {"lines": [1]}


def test_12_all_input_errors_are_told():
    """Not the first problem only: every one."""

    class Two(Inputs):
        first: int
        second: int

    with pytest.raises(InputError) as refused:
        Two(first="1", second="2")
    assert [problem.path for problem in refused.value.problems] == ["first", "second"]


def test_and_one_more_a_generator_based_within_behaves_alike():
    """What @contextmanager makes commits on `done` and rolls back on failure."""
    ended = []

    class Generated(Staged):
        @contextmanager
        def atomic(self):
            try:
                yield
            except ServiceFailed:
                ended.append("rollback")
                raise
            ended.append("commit")

    Generated.run(do=lambda service: service.done())
    with pytest.raises(ServiceFailed):
        Generated.run(do=lambda service: service.fail("No."))
    assert ended == ["commit", "rollback"]
