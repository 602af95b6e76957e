"""What both checkers refuse in a caller in an event loop, each on its own line."""

from tests.typing.shop import NotifyBuyer, Sweep


async def call() -> None:
    await NotifyBuyer.arun()  # type: ignore[call-arg]
    await NotifyBuyer.arun(order="1")  # type: ignore[arg-type]
    await NotifyBuyer.arun(ordre=1)  # type: ignore[call-arg]
    NotifyBuyer.arun(order=1).sent  # type: ignore[attr-defined]
    (await NotifyBuyer.arun(order=1)).snt  # type: ignore[attr-defined]
    await NotifyBuyer.aattempt(order=None)  # type: ignore[arg-type]
    await NotifyBuyer.arun_with(Sweep.inputs())  # type: ignore[arg-type]
    await NotifyBuyer.run(order=1)  # type: ignore[misc]
