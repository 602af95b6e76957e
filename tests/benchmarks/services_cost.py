"""What a service of five steps and three checked inputs costs, beside its peers."""

import timeit
from collections.abc import Callable
from typing import Any

Call = Callable[[], Any]

CALLS = 1_000
ROUNDS = 150


def plain_python() -> Call:
    """Five functions, one after the other, and nothing checked."""

    def lock(last: int) -> int:
        return last

    def increment(last: int) -> int:
        return last + 1

    def assign(value: int) -> int:
        return value

    def nothing() -> None:
        pass

    def allocate(*, name: str, last: int, nowait: bool) -> int:
        nothing()
        value = assign(increment(lock(last)))
        nothing()
        return value

    return lambda: allocate(name="invoices", last=6, nowait=False)


def this() -> Call:
    """Ours: inputs, internals and outputs checked."""
    from services import Inputs, Internals, Outputs, Service, make

    class Allocate(Service):
        class inputs(Inputs):
            name: str
            last: int
            nowait: bool

        class internals(Internals):
            last: int
            next: int

        class outputs(Outputs):
            value: int

        steps = (
            make("validate"),
            make("lock"),
            make("increment"),
            make("assign"),
            make("persist"),
        )

        def validate(self) -> None:
            pass

        def lock(self) -> None:
            self.internals.last = self.inputs.last

        def increment(self) -> None:
            self.internals.next = self.internals.last + 1

        def assign(self) -> None:
            self.outputs.value = self.internals.next

        def persist(self) -> None:
            pass

    return lambda: Allocate.run(name="invoices", last=6, nowait=False).value


def stories() -> Call:
    """The package stories: five steps, nothing checked."""
    from stories import I, State, Story

    class Allocate(Story):
        I.validate  # noqa: B018 - how stories declares a step
        I.lock  # noqa: B018 - how stories declares a step
        I.increment  # noqa: B018 - how stories declares a step
        I.assign  # noqa: B018 - how stories declares a step
        I.persist  # noqa: B018 - how stories declares a step

        def validate(self, state: Any) -> None:
            pass

        def lock(self, state: Any) -> None:
            state.current = state.last

        def increment(self, state: Any) -> None:
            state.next = state.current + 1

        def assign(self, state: Any) -> None:
            state.value = state.next

        def persist(self, state: Any) -> None:
            pass

    story = Allocate()

    def call() -> Any:
        state = State(name="invoices", last=6, nowait=False)
        story(state)
        return state.value

    return call


def django_service_objects() -> Call:
    """The package django-service-objects: inputs checked by a form, one method."""
    from django import forms
    from service_objects.services import Service

    class Allocate(Service):
        name = forms.CharField()
        last = forms.IntegerField()
        nowait = forms.BooleanField(required=False)
        db_transaction = False

        def process(self) -> Any:
            return self.cleaned_data["last"] + 1

    inputs = {"name": "invoices", "last": 6, "nowait": False}
    return lambda: Allocate.execute(inputs)


def pydantic() -> Call:
    """Validate_call of pydantic on one bare function: inputs checked, no steps."""
    from pydantic import validate_call

    @validate_call
    def allocate(*, name: str, last: int, nowait: bool) -> int:
        return last + 1

    return lambda: allocate(name="invoices", last=6, nowait=False)


CANDIDATES: dict[str, Callable[[], Call]] = {
    "plain Python": plain_python,
    "pydantic validate_call": pydantic,
    "services": this,
    "stories": stories,
    "django-service-objects": django_service_objects,
}


def measure() -> dict[str, float]:
    """Measure all, in many short turns; give the best microseconds of each."""
    calls = {name: make() for name, make in CANDIDATES.items()}
    for name, call in calls.items():
        assert call() == 7, name
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(ROUNDS):
        for name, call in calls.items():
            took = timeit.timeit(call, number=CALLS) / CALLS * 1e6
            best[name] = min(best[name], took)
    return best
