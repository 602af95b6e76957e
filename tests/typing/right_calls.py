"""What a caller sees: names and types of inputs, and the type of the outputs."""

from decimal import Decimal
from typing import assert_never, assert_type

from services import Failure, Limits, Outputs, ServiceFailed, Success
from tests.typing.shop import (
    AllocateLogged,
    AllocateMarked,
    AllocateNumber,
    Named,
    Price,
    Sweep,
)

# run gives the outputs.
assert_type(AllocateNumber.run(sequence="invoices"), AllocateNumber.outputs)
assert_type(AllocateNumber.run(sequence=7, nowait=True).value, int)

# Inherited services, with and without classes of their own.
assert_type(AllocateMarked.run(sequence="a", mark="R"), AllocateMarked.outputs)
assert_type(AllocateMarked.run(sequence="a", mark="R").value, int)
assert_type(AllocateMarked.run(sequence="a", mark="R").marked, str)
assert_type(AllocateLogged.run(sequence="a").value, int)

# Neither inputs nor outputs.
assert_type(Sweep.run(), Outputs)

# Inputs of any name.
assert_type(Named.run(cls="a", service=1), Outputs)

# Options of attribute(): defaults may be left out, an alias is the caller's name.
assert_type(Price.run(net=Decimal(1), even=2).gross, Decimal)
assert_type(
    Price.run(net=Decimal(1), even=2, rate=7, lines=[1], money="CHF", note="x").gross,
    Decimal,
)

# attempt gives one of two, and match knows when both were met.
attempt = AllocateNumber.attempt(sequence="invoices")
assert_type(attempt, Success[AllocateNumber.outputs] | Failure)
match attempt:
    case Success(outputs):
        assert_type(outputs, AllocateNumber.outputs)
        assert_type(outputs.value, int)
    case Failure(error):
        assert_type(error, ServiceFailed)
        assert_type(error.code, str)
    case _:
        assert_never(attempt)

# A stepper holds what the service declares.
stepper = AllocateNumber.stepper(sequence="invoices")
stepper.until("assign")
stepper.do("assign")
assert_type(stepper.inputs, AllocateNumber.inputs)
assert_type(stepper.inputs.sequence, str | int)
assert_type(stepper.internals.next, int)
stepper.internals.next = 5
assert_type(stepper.outputs.value, int)
assert_type(stepper.finish(), AllocateNumber.outputs)

# Inputs made beforehand, from typed values or from untrusted data.
assert_type(AllocateNumber.inputs(sequence="invoices"), AllocateNumber.inputs)
inputs = AllocateNumber.inputs.structure({"sequence": "invoices"})
assert_type(inputs, AllocateNumber.inputs)
assert_type(inputs.nowait, bool)
assert_type(AllocateNumber.run_with(inputs), AllocateNumber.outputs)
AllocateNumber.inputs.structure(b"{}", limits=Limits(depth=3))


# Generic code over services.
def value_of(service: type[AllocateNumber]) -> int:
    return service.run(sequence="invoices").value
