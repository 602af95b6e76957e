"""What a step reads and sets, as far as its code tells."""

from contextlib import contextmanager, suppress
from functools import wraps

import pytest

from services import Inputs, Internals, Outputs, Service, make, stage


class Base(Service):
    class inputs(Inputs):
        a: int = 1
        b: int = 1

        def total(self) -> int:
            return self.a + self.b

    class internals(Internals):
        n: int
        m: int
        items: list[int]

    class outputs(Outputs):
        value: int = 0


def kept(function):
    """Wrap as careful people do."""

    @wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


def lost(function):
    """Wrap without a trace."""
    return lambda *args: function(*args)  # noqa: PLW0108 - that it is one is the point


def passing(self):
    """Take a service as a whole."""
    return str(self)


class Steps(Base):
    """A step a pattern; each is looked at alone."""

    def reads(self):
        return self.inputs.a + self.internals.n

    def sets(self):
        self.internals.n = 1
        self.outputs.value = self.internals.n

    def adds(self):
        self.internals.n += self.inputs.b

    def unpacks(self):
        self.internals.n, self.internals.m = self.inputs.a, self.inputs.b

    def chains(self):
        self.internals.n = self.internals.m = 3

    def calls(self):
        self.internals.items.append(self.inputs.a)

    def goes_deeper(self):
        self.internals.items[0] += self.inputs.a

    def closes_over(self):
        def later():
            return self.internals.n

        return [later() for _ in range(self.inputs.a)], [
            self.inputs.b for _ in range(3)
        ]

    def generates(self):
        return sum(self.internals.m for _ in range(self.inputs.a))

    def tries(self):
        with suppress(ValueError):
            for self.internals.n in range(3):
                try:
                    self.outputs.value = self.internals.n
                finally:
                    self.internals.m = 1

    def helps(self):
        self.helper()
        return self.computed

    def helper(self):
        self.internals.n = self.inputs.a
        self.helps()

    @property
    def computed(self):
        return self.inputs.b

    @staticmethod
    def still():
        return 1

    def is_still(self):
        return self.still() or self.fail("no") or self.done()

    @kept
    def is_wrapped(self):
        self.internals.n = self.inputs.a

    @lost
    def is_lost(self):
        self.internals.n = self.inputs.a

    @contextmanager
    def manages(self):
        yield self.inputs.a

    def hands_on_a_layer(self):
        return print, self.inputs.a, [self.outputs]

    def keeps_a_layer(self):
        internals = self.internals
        internals.n = 1

    def hands_on_itself(self):
        return passing(self)

    def hands_on_itself_first(self):
        other = 1
        return max(self, other, key=id)

    def asks_a_layer(self):
        return self.inputs.total()


class Child(Steps):
    def sets(self):
        super().sets()
        self.internals.m = 2


def access(cls, name):
    """Give what a service of one step knows of it."""
    service = type(cls.__name__, (cls,), {"steps": (make(name),)})
    found = service.definition.dataflow[name]
    reads = [f"{layer}.{attribute}" for layer, attribute in found.reads]
    sets = [f"{layer}.{attribute}" for layer, attribute in found.sets]
    return reads, sets, sorted(found.opaque)


ALL = ["inputs", "internals", "outputs"]


@pytest.mark.parametrize(
    ("name", "reads", "sets", "opaque"),
    [
        ("reads", ["inputs.a", "internals.n"], [], []),
        ("sets", [], ["internals.n", "outputs.value"], []),
        ("adds", ["internals.n", "inputs.b"], ["internals.n"], []),
        ("unpacks", ["inputs.a", "inputs.b"], ["internals.n", "internals.m"], []),
        ("chains", [], ["internals.n", "internals.m"], []),
        ("calls", ["internals.items", "inputs.a"], [], []),
        ("goes_deeper", ["internals.items", "inputs.a"], [], []),
        ("closes_over", ["internals.n", "inputs.a", "inputs.b"], [], []),
        ("tries", [], ["internals.n", "outputs.value", "internals.m"], []),
        ("helps", ["inputs.a", "inputs.b"], ["internals.n"], []),
        ("is_still", [], [], []),
        ("is_wrapped", ["inputs.a"], ["internals.n"], []),
        ("is_lost", [], [], ALL),
        ("manages", ["inputs.a"], [], []),
        ("hands_on_a_layer", ["inputs.a"], [], ["outputs"]),
        ("keeps_a_layer", [], [], ["internals"]),
        ("hands_on_itself", [], [], ALL),
        ("hands_on_itself_first", [], [], ALL),
        ("asks_a_layer", [], [], ["inputs"]),
    ],
)
def test_what_a_step_reads_and_sets_is_read_from_its_code(name, reads, sets, opaque):
    """Each way to write it is understood, or nothing is claimed."""
    assert access(Steps, name) == (reads, sets, opaque)


def test_generators_are_read():
    """A generator expression is code of its own, and reads what the step reads."""
    reads, sets, opaque = access(Steps, "generates")
    assert (sorted(reads), sets, opaque) == (["inputs.a", "internals.m"], [], [])


def test_super_is_followed():
    """What the parent's method does, the step does."""
    expected = ([], ["internals.n", "outputs.value", "internals.m"], [])
    assert access(Child, "sets") == expected


def test_it_is_read_when_it_is_asked_for_and_once():
    """A class that nobody describes pays nothing for it."""
    definition = type("Once", (Steps,), {"steps": (make("reads"),)}).definition
    assert definition.dataflow is definition.dataflow


class Flow(Base):
    class outputs(Base.outputs):
        value: int

    def one(self):
        self.internals.n = 1

    def two(self):
        self.internals.m = self.internals.n

    def three(self):
        self.outputs.value = self.internals.m

    def anything(self):
        print(self.internals, self.outputs)

    def asks(self):
        return self.internals.n > 1

    def rescue(self, error):
        self.outputs.value = 1


def findings(*steps):
    """Give what is found in a flow of these steps."""
    return list(type("Flow", (Flow,), {"steps": steps}).definition.findings)


def test_a_flow_in_order_has_no_findings():
    """What is set above is known below."""
    assert findings(make("one"), stage(make("two")), make("three")) == []


def test_a_step_that_reads_what_a_later_one_sets_is_told():
    """The remedy names the step below which it belongs."""
    assert findings(make("two"), make("one"), make("three")) == [
        (
            "Flow: step 'two' reads internal 'n', which no earlier step sets. "
            "Move 'two' below 'one'."
        )
    ]


def test_a_step_that_reads_what_no_step_sets_is_told():
    """Where no step sets it, moving does not help."""
    assert findings(make("two"), make("three")) == [
        (
            "Flow: step 'two' reads internal 'n', which no earlier step sets. "
            "Set it in an earlier step, or give it a default."
        )
    ]


def test_a_condition_that_reads_too_early_is_told():
    """A condition runs before its step, and is told as itself, once."""
    assert findings(
        make("one", only_if="asks"), make("two", only_if="asks"), make("three")
    ) == [
        (
            "Flow: condition 'asks' reads internal 'n', which no earlier step sets. "
            "Set it in an earlier step, or give it a default."
        )
    ]


def test_an_output_that_no_step_sets_is_told():
    """It would be refused at the end of each run."""
    assert findings(make("one")) == [
        "Flow: no step sets output 'value'. Set it in a step, or give it a default."
    ]


def test_what_recover_sets_is_set():
    """A stage may get its output from the recovery."""
    assert findings(stage(make("one"), recover="rescue")) == []


def test_where_anything_may_have_happened_nothing_is_claimed():
    """A layer that was handed on may have been filled by whoever took it."""
    assert findings(make("anything"), make("two")) == []
