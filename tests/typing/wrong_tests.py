"""What both checkers refuse in traces and stubs, each on its own line."""

from services.testing import Steppers, Stubs
from tests.typing.shop import AllocateNumber

AllocateNumber.trace()  # type: ignore[call-arg]
AllocateNumber.trace(sequence=None)  # type: ignore[arg-type]
AllocateNumber.trace(sequence="invoices").outputs.valu  # type: ignore[attr-defined]


def test_stub(stub: Stubs) -> None:
    stub(AllocateNumber).returns()  # type: ignore[call-arg]
    stub(AllocateNumber).returns(value="7")  # type: ignore[arg-type]
    stub(AllocateNumber).returns(vale=7)  # type: ignore[call-arg]
    stub(AllocateNumber).with_inputs(sequense="a")  # type: ignore[call-arg]
    stub(AllocateNumber).raises("disk full")  # type: ignore[arg-type]
    stub(print)  # type: ignore[arg-type]
    stub(AllocateNumber).returns(value=7).calls[0].sequense  # type: ignore[attr-defined]


def test_stepper(stepper: Steppers) -> None:
    stepper(AllocateNumber)  # type: ignore[call-arg]
    stepper(AllocateNumber, sequence=None)  # type: ignore[arg-type]
    stepper(AllocateNumber, sequense="a")  # type: ignore[call-arg]
    stepper(AllocateNumber, sequence="a").outputs.valu  # type: ignore[attr-defined]
