"""What a test sees: traces and stubs, typed like the service they are about."""

from typing import assert_type

from services import Stepper, Trace
from services.testing import Steppers, Stubs, stubs
from tests.typing.shop import AllocateMarked, AllocateNumber, Sweep

# A trace gives what run gives.
trace = AllocateNumber.trace(sequence="invoices")
assert_type(trace, Trace[AllocateNumber.outputs])
assert_type(trace.outputs.value, int)
assert_type(trace.error, Exception | None)
assert_type(AllocateMarked.trace(sequence="a", mark="R").outputs.marked, str)

# A description is text.
assert_type(AllocateNumber.describe(), str)


# A stub takes the outputs and inputs of its service.
def test_stub(stub: Stubs) -> None:
    answered = stub(AllocateNumber).returns(value=7)
    assert_type(answered.calls, list[AllocateNumber.inputs])
    assert_type(answered.calls[0].sequence, str | int)
    answered.then.fails("closed", code="closed", last=7).then.raises(OSError())
    stub(AllocateNumber).with_inputs(sequence="a", nowait=True).returns(value=8)
    stub(AllocateMarked).returns(value=1, marked="R1")
    stub(Sweep).returns()


# A stepper takes the inputs of its service.
def test_stepper(stepper: Steppers) -> None:
    run = stepper(AllocateNumber, sequence="invoices")
    assert_type(
        run,
        Stepper[
            AllocateNumber.inputs, AllocateNumber.internals, AllocateNumber.outputs
        ],
    )
    assert_type(run.finish().value, int)


with stubs() as stub:
    assert_type(stub, Stubs)
    made = stub(AllocateNumber)
    made.returns(value=7).then.returns(value=8)
