"""The notes on an exception: through which steps it came, and with which inputs."""

import dataclasses

import pytest

from services import Inputs, Outputs, Service, ServiceFailed, make, stage

pytestmark = pytest.mark.usefixtures("each_way")


class AllocateNumber(Service):
    class inputs(Inputs):
        sequence: str
        error: BaseException | None = None

    class outputs(Outputs):
        value: int = 1

    steps = (make("validate"), make("lock"), make("assign"))

    def validate(self): ...

    def lock(self):
        if self.inputs.error is not None:
            raise self.inputs.error

    def assign(self): ...


class IssueInvoice(Service):
    class inputs(Inputs):
        error: BaseException | None = None

    steps = (make("check"), stage(make("price"), make("allocate")), make("save"))

    def check(self): ...

    def price(self): ...

    def allocate(self):
        AllocateNumber.run(sequence="invoices", error=self.inputs.error)

    def save(self): ...


def notes_of(service, error, **given):
    """Run into an error; give the notes on it."""
    with pytest.raises(type(error)) as raised:
        service.run(error=error, **given)
    assert raised.value is error
    return getattr(error, "__notes__", None)


@pytest.mark.parametrize(
    "kind", [ValueError, ServiceFailed, KeyboardInterrupt, SystemExit]
)
def test_the_trail_leads_from_the_outermost_to_the_innermost_step(kind):
    """Any exception carries one trail, then the inputs of the innermost run."""
    error = kind("x")
    assert notes_of(IssueInvoice, error) == [
        "  IssueInvoice > allocate (3 of 4) > AllocateNumber > lock (2 of 3)",
        f"  inputs: sequence='invoices', error={error!r}",
    ]


def test_inputs_are_shown_short():
    """Long values are cut, and nothing lazy is evaluated."""

    class Lazy:
        def __iter__(self):
            raise AssertionError

        def __repr__(self):
            raise AssertionError

    class Show(Service):
        class inputs(Inputs):
            error: BaseException
            text: str
            lazy: Lazy
            many: list[Lazy]

        steps = (make("work"),)

        def work(self):
            raise self.inputs.error

    given = {"text": "x" * 1_000_000, "lazy": Lazy(), "many": [Lazy()]}
    _, inputs = notes_of(Show, ValueError("x"), **given)
    cut = "'" + "x" * 27 + "..." + "x" * 28 + "'"
    assert inputs == (
        f"  inputs: error=ValueError('x'), text={cut}, lazy=<Lazy>, many=[<Lazy>]"
    )


def test_an_exception_that_takes_no_notes_leaves_as_it_is():
    """The type of a foreign exception is never changed, however odd it is."""

    @dataclasses.dataclass(frozen=True)
    class Frozen(Exception):
        code: int = 1

    odd = ValueError("odd")
    odd.__notes__ = "no list"
    assert notes_of(AllocateNumber, Frozen(), sequence="a") is None
    assert notes_of(AllocateNumber, odd, sequence="a") == "no list"


def test_an_exception_keeps_its_cause():
    """Notes are all that a run adds: __cause__ stays."""
    cause = KeyError("k")
    error = ValueError("v")
    error.__cause__ = cause
    notes_of(IssueInvoice, error)
    assert error.__cause__ is cause


def test_a_service_that_catches_leaves_no_trail_on_what_follows():
    """An error that was handled says nothing about a later one."""

    class Careful(IssueInvoice):
        def allocate(self):
            try:
                super().allocate()
            except ValueError:
                raise LookupError from None

    with pytest.raises(LookupError) as raised:
        Careful.run(error=ValueError("x"))
    assert raised.value.__notes__[0] == "  Careful > allocate (3 of 4)"


class Resigned(Service):
    steps = (stage(make("work"), recover="give_up"),)

    def work(self) -> None:
        msg = "disk full"
        raise OSError(msg)

    def give_up(self, error: Exception) -> None:
        raise error


def test_an_error_that_was_not_recovered_comes_from_its_step():
    """Recover that raises the same error again leaves the trail at the step."""
    with pytest.raises(OSError, match="disk full") as failure:
        Resigned.run()

    assert failure.value.__notes__[0].strip() == "Resigned > work (1 of 1)"
