"""What both checkers refuse in a step or in a declaration, each on its own line."""

from services import Inputs, Outputs, Service, attribute, make, stage
from tests.typing.shop import AllocateNumber


class Steps(AllocateNumber):
    def read(self) -> None:
        self.inputs.sequense  # type: ignore[attr-defined]
        self.internals.nxt  # type: ignore[attr-defined]
        self.outputs.valu  # type: ignore[attr-defined]
        name: str = self.internals.next  # type: ignore[assignment]
        print(name)

    def write(self) -> None:
        self.internals.next = "5"  # type: ignore[assignment]
        self.internals.nxt = 5  # type: ignore[attr-defined]
        self.outputs.value = None  # type: ignore[assignment]
        self.outputs.number = 5  # type: ignore[attr-defined]
        # Not seen by checkers, who take self.inputs for the class; refused by the run:
        self.inputs.nowait = True

    def end(self) -> None:
        self.done(early=True)  # type: ignore[call-arg]
        self.fail(code="empty")  # type: ignore[call-arg]


class Declarations(Service):
    class inputs(Inputs):
        total: int = "5"  # type: ignore[assignment]
        lines: list[int] = attribute(factory=dict)  # type: ignore[arg-type]
        rate: int = attribute(default="19")  # type: ignore[assignment]
        net: int = attribute(defualt=5)  # type: ignore[call-overload]

    class outputs(Outputs):
        number: str = attribute(docs="x")  # type: ignore[call-overload]

    steps = (
        make("save", onlyif="new"),  # type: ignore[arg-type]
        make(5),  # type: ignore[arg-type]
        stage("save"),  # type: ignore[arg-type]
        stage(make("save"), recovr="x"),  # type: ignore[arg-type]
    )
