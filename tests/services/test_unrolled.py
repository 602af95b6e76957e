"""Runs that are written out for their class are like those that are walked."""

import inspect
import traceback
from datetime import date
from typing import Literal

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


def is_unrolled(service: type[Service]) -> tuple[bool, bool]:
    """Tell whether its run, and its steps, were written out."""
    run, execute = vars(service)["run"], service._execute
    return isinstance(run, staticmethod), inspect.isfunction(execute)


def test_it_is_unrolled():
    """The tests below are of what they are meant for."""
    assert is_unrolled(Ship) == (True, True)


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

    assert is_unrolled(Spoil) == (True, True)
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

    assert ShipFast.run(weight=3, day=date(2026, 1, 1)).price == 15
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

    assert Take.run(_execute=3).value == 3


@pytest.mark.parametrize("name", ["class", "two words"])
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

    assert is_unrolled(End) == (True, True)
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


def test_help_shows_the_inputs():
    """The names, types and defaults of what run takes, and what it does."""
    shown = inspect.signature(Base.run)
    assert str(shown).startswith("(*, weight: int = 1) -> ")
    assert shown.return_annotation is Base.outputs
    assert Base.run.__doc__ == vars(Service)["run"].__doc__
