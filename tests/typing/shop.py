"""
The services that the other files use.

Nothing in this directory is executed: mypy (strict, without a plugin) and pyright read
it, as ``tests/services/test_typing.py`` and ``make types`` do. Right uses are pinned by
``assert_type``; a wrong one carries a ``type: ignore`` comment that both checkers
honour, and that both report if the line is not wrong.

    mypy --config-file tests/typing/mypy.ini tests/typing
    basedpyright
"""

from decimal import Decimal
from typing import ClassVar

from services import Inputs, Internals, Outputs, Service, Steps, attribute, make


class AllocateNumber(Service):
    """The service of the design: inputs, internals and outputs, all typed."""

    class inputs(Inputs):
        sequence: str | int
        nowait: bool = False

    class internals(Internals):
        last: int | None
        next: int

    class outputs(Outputs):
        value: int

    # To be extended: otherwise mypy infers tuple[Step, Step], for subclasses as well.
    steps: ClassVar[Steps] = (make("lock"), make("assign"))

    def lock(self) -> None:
        self.internals.last = None
        self.internals.next = 1

    def assign(self) -> None:
        self.outputs.value = self.internals.next


class AllocateMarked(AllocateNumber):
    """A subclass that adds an input and an output."""

    class inputs(AllocateNumber.inputs):
        mark: str

    class outputs(AllocateNumber.outputs):
        marked: str

    steps = (make("put_mark"),)

    def put_mark(self) -> None:
        self.outputs.marked = f"{self.inputs.mark}{self.outputs.value}"


class AllocateLogged(AllocateNumber):
    """A subclass that adds a step and inherits all attributes."""

    steps = (make("log"),)

    def log(self) -> None: ...


class NotifyBuyer(Service):
    """An async step between others."""

    class inputs(Inputs):
        order: int

    class outputs(Outputs):
        sent: bool

    steps = (make("send"),)

    async def send(self) -> None:
        self.outputs.sent = self.inputs.order > 0


class Sweep(Service):
    """Neither inputs nor outputs."""

    steps = (make("sweep"),)

    def sweep(self) -> None: ...


class Named(Service):
    """Inputs named like arguments of our own."""

    class inputs(Inputs):
        cls: str
        service: int = 0


def is_even(number: int) -> bool:
    return number % 2 == 0


class Price(Service):
    """Every option of attribute()."""

    class inputs(Inputs):
        net: Decimal = attribute(converter=Decimal, doc="without tax")
        rate: int = attribute(default=19)
        lines: list[int] = attribute(factory=list)
        even: int = attribute(must={"must be even": is_even})
        currency: str = attribute(default="EUR", alias="money", sensitive=True)
        note: str | None = attribute(default=None)

    class outputs(Outputs):
        gross: Decimal = attribute(doc="with tax")
