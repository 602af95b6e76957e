"""What both checkers refuse in a caller, each on its own line."""

from decimal import Decimal

from services import Failure, Limits, Success
from tests.typing.shop import AllocateMarked, AllocateNumber, Price, Sweep

AllocateNumber.run()  # type: ignore[call-arg]
AllocateNumber.run("invoices")  # type: ignore[call-arg]
AllocateNumber.run(sequense="invoices")  # type: ignore[call-arg]
AllocateNumber.run(sequence=None)  # type: ignore[arg-type]
AllocateNumber.run(sequence="invoices", nowait="no")  # type: ignore[arg-type]
AllocateNumber.run(sequence="invoices").valu  # type: ignore[attr-defined]
AllocateMarked.run(sequence="invoices")  # type: ignore[call-arg]
Sweep.run(hard=True)  # type: ignore[arg-type]
Price.run(net=Decimal(1), even=2, currency="CHF")  # type: ignore[call-arg]

outputs = AllocateNumber.run(sequence="invoices")
number: str = outputs.value  # type: ignore[assignment]

AllocateNumber.attempt(nowait=True)  # type: ignore[call-arg]
attempt = AllocateNumber.attempt(sequence="invoices")
attempt.outputs  # type: ignore[union-attr]
match attempt:
    case Success(outputs=done):
        done.number  # type: ignore[attr-defined]
    case Failure(error=error):
        error.coed  # type: ignore[attr-defined]

stepper = AllocateNumber.stepper(sequence="invoices")
stepper.internals.nxt  # type: ignore[attr-defined]
stepper.internals.next = "5"  # type: ignore[assignment]
AllocateNumber.stepper()  # type: ignore[call-arg]

AllocateNumber.inputs(sequence=1.5)  # type: ignore[arg-type]
AllocateNumber.inputs(sequence="invoices").nowait = True  # type: ignore[misc]
AllocateNumber.inputs.structure({}, limit=Limits())  # type: ignore[call-arg]
AllocateNumber.run_with(Sweep.inputs())  # type: ignore[arg-type]
