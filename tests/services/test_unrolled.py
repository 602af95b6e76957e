"""Runs that are written out for their class are like those that are walked."""

import gc
import inspect
import linecache
import traceback
import warnings
from collections.abc import Hashable
from datetime import date
from typing import Any, Literal
from unittest import mock

import pytest

from services import (
    DoneNotReturned,
    FrozenAttribute,
    InputError,
    Inputs,
    Internals,
    InvalidAttribute,
    MissingOutputs,
    Observer,
    Outputs,
    Service,
    UnexpectedReturn,
    attribute,
    make,
    observe,
    stage,
)
from services.testing import stubs
from services.unrolled import unrolled_run, unrolled_steps


class Ship(Service):
    """All that is unrolled: plain steps, and inputs of which the type decides."""

    class inputs(Inputs):
        weight: int
        to: str = "Rome"
        kind: Literal["letter", "parcel"] = "parcel"
        type: int | None = attribute(default=None, alias="class_", doc="A shadow.")

    class internals(Internals):
        rate: int = 2

    class outputs(Outputs):
        price: int
        told: str = "nothing"

    steps = (make("charge"), make("tell"))

    def charge(self) -> None:
        self.outputs.price = self.inputs.weight * self.internals.rate

    def tell(self) -> None:
        kind, to = self.inputs.kind, self.inputs.to
        self.outputs.told = f"{kind} to {to} ({self.inputs.type})"


Ship.run(weight=1)  # From now on it has a run of its own.

RUN = vars(Service)["run"].__func__


def is_unrolled(service: type[Service]) -> tuple[bool, bool]:
    """Tell whether its run, and its steps, can be written out."""
    run, steps = unrolled_run(service, RUN), unrolled_steps(service)
    return run is not None, steps is not None


def test_it_is_unrolled():
    """The tests below are of what they are meant for."""
    assert is_unrolled(Ship) == (True, True)
    assert vars(Ship)["run"].__func__.__wrapped__ is RUN


class Base(Service):
    class inputs(Inputs):
        weight: int = 1

    steps = (make("work"),)

    def work(self) -> None:
        pass

    def holds(self) -> bool:
        return True


class WithCondition(Base):
    steps = (make("more", only_if="holds"),)

    def more(self) -> None:
        pass


class WithOtherCondition(Base):
    steps = (make("more", only_unless="holds"),)

    def more(self) -> None:
        raise AssertionError


class WithStage(Base):
    steps = (stage(make("more")),)

    def more(self) -> None:
        pass


class WithConverter(Base):
    class inputs(Base.inputs):
        rate: int = attribute(converter=int)


class WithMust(Base):
    class inputs(Base.inputs):
        rate: int = attribute(must={"must be positive": lambda rate: rate > 0})


class WithFactory(Base):
    class inputs(Base.inputs):
        lines: list[int] = attribute(factory=list)


class WithHook(Base):
    class inputs(Base.inputs):
        def __attrs_post_init__(self) -> None:
            raise ValueError("No.")


class Async(Base):
    async def work(self) -> None:  # type: ignore[override]
        pass


@pytest.mark.parametrize(
    ("service", "parts"),
    [
        (Base, (True, True)),
        (WithCondition, (True, False)),
        (WithOtherCondition, (True, False)),
        (WithStage, (True, False)),
        (WithConverter, (False, True)),
        (WithMust, (False, True)),
        (WithFactory, (False, True)),
        (WithHook, (False, True)),
        (Async, (False, False)),
    ],
)
def test_what_is_not_simple_is_left_to_the_walk(service, parts):
    """Neither of a class, nor of the simple one from which it derives."""
    assert is_unrolled(service) == parts


def test_a_hook_of_attrs_is_called():
    """It may refuse what the types alone do not."""
    with pytest.raises(ValueError, match="No"):
        WithHook.run(weight=1)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "parcel to Rome (None)"),
        ({"to": "Oslo", "kind": "letter", "class_": 3}, "letter to Oslo (3)"),
        ({"to": type("Text", (str,), {})("Oslo")}, "parcel to Oslo (None)"),
    ],
)
def test_inputs_are_given_or_have_their_defaults(given, told):
    """By the names under which they are given, and instances of subclasses too."""
    outputs = Ship.run(weight=3, **given)
    assert (outputs.price, outputs.told) == (6, told)
    assert outputs == Ship.run_with(Ship.inputs(weight=3, **given))
    assert type(outputs) is Ship.outputs


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"weight": "3"},
        {"weight": True},
        {"weight": 3, "kind": "box"},
        {"weight": 3, "class_": "x", "to": 1},
        {"weight": 3, "type": 3},
        {"wieght": 3, "too": 4},
    ],
)
def test_what_is_refused_is_refused_as_by_the_class_of_inputs(given):
    """With all problems, in the same words."""
    with pytest.raises(InputError) as refused:
        Ship.run(**given)
    with pytest.raises(InputError) as expected:
        Ship.inputs(**given)
    assert str(refused.value) == str(expected.value)


def test_inputs_are_given_by_name_only():
    """A value without a name is refused with the names."""
    for given in ({}, {"weight": 3}):
        with pytest.raises(TypeError, match=r"by name only: \(weight=..., to=..., ki"):
            Ship.run(3, **given)


def test_what_was_given_and_what_comes_out_is_frozen():
    """Also where it was made without a call of its class."""

    class Spoil(Ship):
        steps = (make("spoil"),)

        def spoil(self) -> None:
            self.inputs.weight = 4

    for _ in range(2):
        with pytest.raises(FrozenAttribute):
            Spoil.run(weight=3)
    with pytest.raises(FrozenAttribute):
        Ship.run(weight=3).price = 7


def test_a_step_is_looked_up_when_it_runs(monkeypatch):
    """Whoever replaces a method of the class later replaces the step."""

    def charge(self) -> None:
        self.outputs.price = 99

    monkeypatch.setattr(Ship, "charge", charge)
    assert Ship.run(weight=3).price == 99


def test_a_subclass_has_its_own_run():
    """With its own methods, steps and inputs."""

    class ShipFast(Ship):
        class inputs(Ship.inputs):
            day: date

        steps = (make("hurry", before="charge"),)

        def hurry(self) -> None:
            self.internals.rate = 5

    for _ in range(2):
        assert ShipFast.run(weight=3, day=date(2026, 1, 1)).price == 15
    assert "run" in vars(ShipFast)
    assert Ship.run(weight=3).price == 6


def test_an_input_may_be_given_by_any_name():
    """Also by one that looks like a name of ours."""

    class Take(Service):
        class inputs(Inputs):
            value: int = attribute(alias="_execute")

        class outputs(Outputs):
            value: int

        steps = (make("give"),)

        def give(self) -> None:
            self.outputs.value = self.inputs.value

    assert Take.run(_execute=3).value == Take.run(_execute=3).value == 3


@pytest.mark.parametrize("name", ["class", "two words", "\ufb01rst"])
def test_a_step_may_have_a_name_that_code_cannot_call(name):
    """A class need not come from a class statement."""
    body = {name: set_two, "outputs": Two, "steps": (make(name),)}
    assert type("Odd", (Service,), body).run().value == 2


class Two(Outputs):
    value: int


def set_two(self):
    """Set the only output."""
    self.outputs.value = 2


def ending(does):
    """Give a service whose first of two steps does something."""

    class End(Service):
        class outputs(Outputs):
            value: int

        steps = (make("first"), make("second"))

        def first(self):
            return does(self)

        def second(self) -> None:
            self.outputs.value = 2

    return End


def set_and_end(self):
    """End early, as it should be done."""
    self.outputs.value = 1
    return self.done()


def lose_the_end(self):
    """Make the marker, and forget to return it."""
    self.done()


@pytest.mark.parametrize(
    ("does", "expected"),
    [
        (lambda _: None, 2),
        (set_and_end, 1),
        (lambda self: self.done(), MissingOutputs),
        (lose_the_end, DoneNotReturned),
        (lambda _: 7, UnexpectedReturn),
        (lambda self: setattr(self.outputs, "value", "x"), InvalidAttribute),
        (lambda self: self.fail("No."), Exception),
        (lambda _: 1 / 0, ZeroDivisionError),
        (lambda self: self.outputs.valu, AttributeError),
    ],
)
def test_a_run_ends_as_a_walk_does(does, expected):
    """With the same outputs, or the same error, sentence and notes."""
    service = ending(does)
    if isinstance(expected, int):
        assert service.run().value == expected
        with observe(Observer()):
            assert service.run().value == expected
        return
    with pytest.raises(expected) as unrolled:
        service.run()
    with observe(Observer()), pytest.raises(expected) as walked:
        service.run()
    assert type(unrolled.value) is type(walked.value)
    assert str(unrolled.value) == str(walked.value)
    assert unrolled.value.__notes__ == walked.value.__notes__
    assert unrolled.value.__context__ is walked.value.__context__ is None


def test_who_begins_to_look_later_sees_it():
    """An observer, and a stub, of a class that was written before."""
    names = []

    class Seen(Observer):
        def step_ended(self, step):
            names.append(step.name)

    with observe(Seen()):
        Ship.run(weight=3)
    assert names == ["charge", "tell"]
    with stubs() as stub:
        stub(Ship).returns(price=70)
        assert Ship.run(weight=3).price == 70


def test_a_traceback_shows_the_line_that_called_the_step():
    """As of code that stands in a file."""
    with pytest.raises(ZeroDivisionError) as raised:
        ending(lambda _: 1 / 0).run()
    shown = "".join(traceback.format_exception(raised.value))
    assert "returned = service.first()\n" in shown


def test_classes_of_one_name_have_tracebacks_of_their_own():
    """Of each its own line, for as long as it lives."""

    def made(*names):
        body = dict.fromkeys(names, lambda _: 1 / 0)
        return type("Same", (Service,), {**body, "steps": tuple(map(make, names))})

    classes = [made("alpha", "beta"), made("gamma")]
    for service in classes:
        with pytest.raises(ZeroDivisionError):
            service.run()
    with pytest.raises(ZeroDivisionError) as raised:
        classes[0].run()
    shown = "".join(traceback.format_exception(raised.value))
    assert "returned = service.alpha()\n" in shown
    kept = [name for name in linecache.cache if name.endswith(".Same>")]
    assert len(kept) == 4
    classes.clear()
    del service, raised, shown
    gc.collect()
    assert [name for name in linecache.cache if name.endswith(".Same>")] == []


def test_run_is_that_of_service_to_who_asks():
    """Its documentation, its signature and its binding are those of any other."""
    assert inspect.getdoc(Ship.run) == inspect.getdoc(WithMust.run)
    assert inspect.signature(Ship.run) == inspect.signature(WithMust.run)
    assert (Ship.run.__self__, WithMust.run.__self__) == (Ship, WithMust)


def test_run_runs_the_class_that_it_is_called_of():
    """By super() as well: what a service is does not depend on how it is run."""

    class Deep(Ship):
        def charge(self) -> None:
            if self.inputs.weight:
                inner = super().run(weight=self.inputs.weight - 1)
                self.outputs.price = inner.price + 1
            else:
                self.outputs.price = 0

    for _ in range(2):
        assert Deep.run(weight=3).price == 3


def test_what_a_test_puts_in_the_place_of_run_is_called():
    """Whether the service ran before or not."""

    class Fresh(Ship):
        pass

    for _ in range(2):
        with mock.patch.object(Fresh, "run", wraps=Fresh.run) as run:
            for _ in range(3):
                Fresh.run(weight=3)
        assert run.call_count == 3
        Fresh.run(weight=3)
    with mock.patch.object(Service, "run"):

        class Fresher(Ship):
            pass

    assert Fresher.run(weight=3).price == 6


class Judging(type):
    """The type of a class that knows what is a number of it, and nothing else."""

    def __instancecheck__(cls, value):
        return value + 0 == value


class Number(metaclass=Judging):
    pass


@pytest.mark.parametrize("annotation", [Any, object, Hashable, Any | None, Number, int])
def test_an_input_that_takes_anything_must_be_given(annotation):
    """What stands for a value that was not given is no value."""

    class Take(Service):
        class inputs(Inputs):
            value: annotation  # type: ignore[valid-type]

    for _ in range(2):
        Take.run(value=3)
        with pytest.raises(InputError, match="value is missing"):
            Take.run()


def test_the_inputs_have_no_constructor_of_their_own():
    """None that is called on one way only."""

    class Take(Service):
        class inputs(Inputs):
            value: int

            def __new__(cls, *_, **__):
                raise AssertionError

    for _ in range(2):
        Take.run(value=3)


def test_a_service_is_made_by_its_own_class():
    """Whoever makes instances in another way has them made in that way."""

    class Counted(Ship):
        made = 0

        def __new__(cls):
            cls.made += 1
            return super().__new__(cls)

    for _ in range(3):
        Counted.run(weight=3)
    assert Counted.made == 3


def test_a_warning_comes_from_the_module_of_the_service():
    """So that filters by module meet it."""

    class Warn(Service):
        steps = (make("warn"),)

        def warn(self) -> None:
            warnings.warn("Mind.", stacklevel=2)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", module=__name__.replace(".", r"\."))
        Warn.run()
    assert len(caught) == 1
