"""What a caller in an event loop sees: what any caller sees, once it is awaited."""

from typing import assert_type

from services import Failure, Success, Trace
from tests.typing.shop import AllocateNumber, NotifyBuyer, Sweep


async def call() -> None:
    assert_type(await NotifyBuyer.arun(order=1), NotifyBuyer.outputs)
    assert_type((await NotifyBuyer.arun(order=1)).sent, bool)
    inputs = NotifyBuyer.inputs(order=1)
    assert_type(await NotifyBuyer.arun_with(inputs), NotifyBuyer.outputs)
    assert_type(
        await NotifyBuyer.aattempt(order=1), Success[NotifyBuyer.outputs] | Failure
    )
    assert_type(await NotifyBuyer.atrace(order=1), Trace[NotifyBuyer.outputs])

    # Sync services too.
    assert_type((await AllocateNumber.arun(sequence="invoices")).value, int)
    await Sweep.arun()

    stepper = NotifyBuyer.stepper(order=1)
    await stepper.auntil("send")
    await stepper.ado("send")
    assert_type(await stepper.afinish(), NotifyBuyer.outputs)
