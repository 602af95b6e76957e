"""What a step sees: the declared types, with no line but the declaration."""

from decimal import Decimal
from typing import assert_type

from services import Done, make, stage
from tests.typing.shop import AllocateMarked, AllocateNumber, Price


class Steps(AllocateNumber):
    steps = (make("read"), stage(make("write"), within="held"), make("end"))

    def read(self) -> None:
        assert_type(self.inputs.sequence, str | int)
        assert_type(self.inputs.nowait, bool)
        assert_type(self.internals.last, int | None)
        assert_type(self.internals.next, int)
        assert_type(self.outputs.value, int)

    def write(self) -> None:
        self.internals.last = None
        self.internals.next += 1
        self.outputs.value = self.internals.next

    def end(self) -> Done | None:
        if self.inputs.nowait:
            return self.done()
        if self.internals.last is None:
            self.fail("nothing was allocated", code="empty", last=1)
        assert_type(self.internals.last, int)  # fail never returns
        return None

    def held(self) -> None: ...


class InheritedSteps(AllocateMarked):
    def put_mark(self) -> None:
        assert_type(self.inputs.sequence, str | int)
        assert_type(self.inputs.mark, str)
        assert_type(self.internals.next, int)
        assert_type(self.outputs.value, int)
        assert_type(self.outputs.marked, str)


class OptionSteps(Price):
    def read(self) -> None:
        assert_type(self.inputs.net, Decimal)
        assert_type(self.inputs.rate, int)
        assert_type(self.inputs.lines, list[int])
        assert_type(self.inputs.even, int)
        assert_type(self.inputs.currency, str)
        assert_type(self.inputs.note, str | None)
        assert_type(self.outputs.gross, Decimal)
