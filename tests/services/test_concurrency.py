"""One class, many runs at a time: a run shares nothing with another."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from services import Inputs, Internals, Outputs, Service, attribute, make


class Sum(Service):
    class inputs(Inputs):
        numbers: list[int]
        meet: object = None

    class internals(Internals):
        seen: list[int] = attribute(factory=list)
        total: int = 0

    class outputs(Outputs):
        total: int

    steps = (make("add"), make("wait"), make("give"))

    def add(self):
        for number in self.inputs.numbers:
            self.internals.seen.append(number)
            self.internals.total += number

    def wait(self):
        if self.inputs.meet is not None:
            self.inputs.meet.wait(timeout=30)

    def give(self):
        assert self.internals.seen == self.inputs.numbers
        self.outputs.total = self.internals.total


class Factorial(Service):
    """Calls itself."""

    class inputs(Inputs):
        n: int

    class outputs(Outputs):
        value: int

    steps = (make("end"), make("multiply"))

    def end(self):
        if self.inputs.n == 0:
            self.outputs.value = 1
            return self.done()
        return None

    def multiply(self):
        smaller = Factorial.run(n=self.inputs.n - 1)
        self.outputs.value = self.inputs.n * smaller.value


def test_threads_run_one_service_side_by_side():
    """Runs that are all in the middle at once keep their values apart."""
    meet = Barrier(8)
    with ThreadPoolExecutor(8) as threads:
        runs = [
            threads.submit(Sum.run, numbers=[number] * 3, meet=meet)
            for number in range(8)
        ]
    assert [run.result().total for run in runs] == [3 * number for number in range(8)]


def test_threads_structure_one_class_at_once():
    """Hooks that are compiled at first use are compiled right by all at once."""

    class New(Inputs):
        rows: list[dict[str, int | list[str]]]

    meet = Barrier(8)

    def structure(number):
        meet.wait(timeout=30)
        return New.structure({"rows": [{"a": number, "b": ["x"]}]}).rows[0]["a"]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(structure, range(8))) == list(range(8))


def test_a_service_may_run_itself():
    """An inner run of the same service has attributes of its own."""
    assert Factorial.run(n=10).value == 3_628_800


def test_a_run_leaves_nothing_behind():
    """The next run starts with defaults made anew."""
    assert Sum.run(numbers=[1, 2]).total == 3
    assert Sum.run(numbers=[4]).total == 4
