"""Inputs, internals and outputs: what they take, refuse, show and keep."""

import copy
import inspect
import pickle
from datetime import date
from decimal import Decimal

import attrs
import pytest

from services import (
    FrozenAttribute,
    InputError,
    Inputs,
    Internals,
    InvalidAttribute,
    Outputs,
    Service,
    UnknownAttribute,
    UnsetAttribute,
    attribute,
    make,
)


class Order(Service):
    class inputs(Inputs):
        customer: str
        total: Decimal = attribute(
            default=Decimal(1), converter=Decimal, must={"must be > 0": lambda v: v > 0}
        )
        lines: list[int] = attribute(factory=list)
        note: str | None = None

    class internals(Internals):
        rate: int = attribute(default=19, validator=attrs.validators.ge(0))
        due: date
        cents: int = attribute(default=0, converter=int)

    class outputs(Outputs):
        number: int
        lines: tuple[int, ...] = ()

    steps = (make("number"),)

    def number(self) -> None:
        self.outputs.number = 5


def test_values_are_given_by_name_and_defaults_left_out():
    """An input without a default must be given; the others may be."""
    given = Order.inputs(customer="Ada")
    assert (given.customer, given.total, given.lines) == ("Ada", Decimal(1), [])
    assert given.note is None


def test_a_factory_is_called_anew_for_each():
    """Two runs never share what a factory made."""
    first, second = Order.inputs(customer="a"), Order.inputs(customer="b")
    assert first.lines is not second.lines


def test_values_by_position_are_refused():
    """A value without a name is refused with the names there are."""
    with pytest.raises(TypeError) as refused:
        Order.run("Ada")
    assert str(refused.value) == (
        "Order.inputs takes values by name only: "
        "(customer=..., total=..., lines=..., note=...)."
    )


def test_all_problems_are_told_at_once():
    """Wrong types, missing, unknown and broken rules arrive in one error."""
    with pytest.raises(InputError) as refused:
        Order.run(total=-1, lines=[1, "2"], note=3, custmer="Ada")
    assert str(refused.value) == (
        "Order refuses its inputs, 5 problems:\n"
        "  customer is missing (str)\n"
        "  total must be > 0, got Decimal('-1')\n"
        "  lines[1] must be int, got str '2'\n"
        "  note must be str or None, got int 3\n"
        "  custmer is not an input. Did you mean 'customer'?"
    )


def test_problems_are_told_up_to_a_hundred():
    """An error of a thousand problems lists the first hundred."""
    with pytest.raises(InputError) as refused:
        Order.run(customer="Ada", lines=["x"] * 1000)
    assert len(refused.value.problems) == 100


def test_a_converter_that_raises_is_a_problem_like_others():
    """What cannot be converted is told with the value and the converter's reason."""
    with pytest.raises(InputError) as refused:
        Order.run(customer="Ada", total=object)
    assert str(refused.value) == (
        "Order refuses its inputs, one problem:\n  total cannot be converted to "
        "Decimal, got type <class 'object'>: conversion from type to Decimal is not "
        "supported"
    )


def test_what_a_validator_says_is_told_by_its_sentence():
    """Not by the facts that attrs puts behind it, and cut where it grows long."""

    class Mark(Inputs):
        code: str = attribute(validator=attrs.validators.matches_re("[a-z]+"))

    for code, told in [
        ("7", "code is refused: 'code' must match regex '[a-z]+' ('7' doesn't)"),
        (
            "7" * 100_000,
            f"code is refused: 'code' must match regex '[a-z]+' ('{'7' * 165}...",
        ),
    ]:
        with pytest.raises(InputError) as refused:
            Mark(code=code)
        assert [str(problem) for problem in refused.value.problems] == [told]


def test_a_predicate_that_raises_refuses():
    """What a predicate cannot judge is told by its sentence, beside all the rest."""

    class Mail(Inputs):
        to: str = attribute(
            must={
                "must be at example.org": lambda to: to.split("@")[1] == "example.org"
            }
        )
        copies: int = 1

    for make_one in (Mail.structure, lambda given: Mail(**given)):
        with pytest.raises(InputError) as refused:
            make_one({"to": "ada", "copies": "2"})
        assert [str(problem) for problem in refused.value.problems] == [
            "to must be at example.org, got str 'ada'",
            "copies must be int, got str '2'",
        ]


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("rate", ["  It is in the inputs: self.inputs.rate."]),
        ("cost", ["  It is in the internals: self.internals.cost."]),
        ("zzz", []),
    ],
)
def test_a_name_that_a_service_does_not_have_is_told(name, remedy):
    """With the layer that has it; also where a step, or a condition, is alone."""

    class Convert(Service):
        class inputs(Inputs):
            rate: int

        class internals(Internals):
            cost: int

        steps = (make("work", only_if="is_needed"),)

        def work(self) -> None:
            getattr(self, name)

        def is_needed(self) -> bool:
            return bool(getattr(self, name))

    with pytest.raises(AttributeError, match=f"has no attribute {name!r}") as refused:
        Convert.run(rate=1)
    trail = ["  Convert > work (1 of 1)", "  inputs: rate=1"]
    assert refused.value.__notes__ == remedy + trail
    for alone in (lambda it: it.do("work"), lambda it: it.finish()):
        with pytest.raises(AttributeError) as refused:
            alone(Convert.stepper(rate=1))
        assert getattr(refused.value, "__notes__", []) == remedy


def test_a_name_that_something_else_does_not_have_is_not_told():
    """What is said of a service is said of its own names alone."""

    class Convert(Service):
        class inputs(Inputs):
            rate: int

        steps = (make("work"),)

        def work(self) -> None:
            self.inputs.rate.rate  # type: ignore[attr-defined]  # noqa: B018

    with pytest.raises(AttributeError) as refused:
        Convert.run(rate=1)
    assert not any("It is in" in note for note in refused.value.__notes__)


def test_the_service_that_was_called_refuses():
    """Whether it declares inputs, inherits them or takes none."""

    class Take(Service):
        pass

    class Give(Service):
        class inputs(Inputs):
            rate: int

    class GiveMore(Give):
        pass

    for service in (Take, Give, GiveMore):
        with pytest.raises(InputError) as refused:
            service.run(much=1)
        assert str(refused.value).startswith(f"{service.__name__} refuses its inputs")


def misspelt(*_values: object) -> bool:
    """Do what Python does at a name that does not exist."""
    msg = "name 'LIMIT' is not defined"
    raise NameError(msg)


@pytest.mark.parametrize(
    "rule",
    [
        {"must": {"must be small": misspelt}},
        {"validator": misspelt},
        {"converter": misspelt},
    ],
)
def test_a_rule_that_has_a_defect_refuses_nobody(rule):
    """A name that does not exist is its author's error, and no value's."""

    class Box(Inputs):
        size: int = attribute(**rule)

    with pytest.raises(NameError, match="'LIMIT' is not defined"):
        Box(size=1)


def test_a_decimal_that_cannot_be_compared_is_told():
    """By the name of what went wrong: Python's sentence is a list of classes."""

    class Price(Inputs):
        amount: Decimal = attribute(validator=attrs.validators.gt(Decimal(0)))

    with pytest.raises(InputError, match="amount is refused: InvalidOperation"):
        Price(amount=Decimal("NaN"))


def test_an_internal_whose_predicate_raises_is_refused():
    """The error of the predicate is the cause."""

    class Ratio(Service):
        class internals(Internals):
            of: int = attribute(must={"must divide ten": lambda of: 10 % of == 0})

    with pytest.raises(InvalidAttribute) as refused:
        Ratio.stepper().internals.of = 0
    assert str(refused.value) == "Ratio.internals: of must divide ten, got int 0."
    assert isinstance(refused.value.__cause__, ZeroDivisionError)


def test_a_validator_that_says_nothing_is_told_by_its_kind():
    """A bare assert refuses as well."""

    def is_even(_instance, _field, value):
        assert value % 2 == 0

    class Pair(Inputs):
        size: int = attribute(validator=is_even)

    with pytest.raises(InputError) as refused:
        Pair(size=3)
    (problem,) = refused.value.problems
    assert str(problem).startswith("size is refused: ")
    assert str(problem) != "size is refused: "


def test_a_converter_runs_once_and_before_the_check():
    """Values are converted exactly once, and the result is what is checked and kept."""
    calls = []

    class Counted(Inputs):
        size: int = attribute(converter=lambda value: calls.append(value) or len(value))

    assert Counted(size="four").size == 4
    assert calls == ["four"]


class Batch(Service):
    class inputs(Inputs):
        ids: list[int] = attribute(
            converter=list, validator=attrs.validators.min_len(1)
        )
        step: int = attribute(default=1, converter=int)

    class internals(Internals):
        rows: list[int] = attribute(converter=list)

    steps = (make("read"),)

    def read(self) -> None:
        self.internals.rows = iter(self.inputs.ids)


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"ids": iter("a")}, ["ids[0] must be int, got str 'a'"]),
        (
            {"ids": iter([])},
            ["ids is refused: Length of 'ids' must be >= 1: 0"],
        ),
        (
            {"ids": iter([1]), "step": "x"},
            [
                (
                    "step cannot be converted to int, got str 'x': "
                    "invalid literal for int() with base 10: 'x'"
                )
            ],
        ),
        ({"ids": iter([1]), "stop": 2}, ["stop is not an input. Did you mean 'step'?"]),
    ],
)
def test_an_input_is_converted_once_whatever_is_refused(given, problems):
    """What a converter has read is read no more: it is told, or passed over."""
    with pytest.raises(InputError) as refused:
        Batch.run(**given)
    assert [str(problem) for problem in refused.value.problems] == problems


def test_an_internal_is_converted_once_if_it_is_refused():
    """The value that is told is the one that was refused."""
    internals = Batch.stepper(ids=[1]).internals
    with pytest.raises(InvalidAttribute) as refused:
        internals.rows = iter("a")
    assert str(refused.value) == "Batch.internals: rows[0] must be int, got str 'a'."


def test_a_converter_that_refuses_is_not_asked_again():
    """It is called once also where the value is refused."""
    calls = []

    def refuse(value):
        calls.append(value)
        raise ValueError("no")

    class Refusing(Inputs):
        size: int = attribute(converter=refuse)

    with pytest.raises(InputError):
        Refusing(size="four")
    assert calls == ["four"]


def test_a_converter_waits_for_a_run():
    """Declaring a default that is to be converted converts nothing yet."""
    calls = []

    class Lazy(Inputs):
        size: int = attribute(
            default="four", converter=lambda value: calls.append(value) or len(value)
        )

    assert calls == []
    assert Lazy().size == 4


def test_a_default_of_the_wrong_type_is_explained():
    """What a factory makes is checked like what a caller gives."""

    class Wrong(Inputs):
        size: int = attribute(factory=lambda: "four")

    with pytest.raises(InputError) as refused:
        Wrong()
    assert str(refused.value) == (
        "Wrong refuses its inputs, one problem:\n  size must be int, got str 'four'"
    )


def test_an_error_in_a_factory_is_raised_as_it_is():
    """A factory that breaks is a defect, and no problem with the inputs."""

    class Broken(Inputs):
        size: int = attribute(factory=lambda: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        Broken()


def test_what_breaks_before_a_run_is_raised_by_trace_too():
    """There is no run to be told of, so the error arrives as it is."""

    class Broken(Service):
        class internals(Internals):
            size: int = attribute(factory=lambda: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        Broken.trace()


def test_a_validator_may_look_at_other_attributes():
    """Validators that compare attributes judge right, and only where both are right."""

    def after_start(instance, _field, value):
        if value <= instance.start:
            raise ValueError("must be after start")

    class Span(Inputs):
        start: int
        end: int = attribute(validator=after_start)

    assert Span(start=1, end=2).end == 2
    for given, problem in [
        ({"start": 2, "end": 1}, "end is refused: must be after start"),
        ({"start": "2", "end": 1}, "start must be int, got str '2'"),
        ({"end": 1}, "start is missing (int)"),
        ({"start": 1, "end": 2, "step": 3}, "step is not an input."),
    ]:
        with pytest.raises(InputError) as refused:
            Span(**given)
        (only,) = refused.value.problems
        assert str(only) == problem


def test_inputs_are_frozen():
    """Nobody sets an input, whether it is declared or not."""
    given = Order.inputs(customer="Ada")
    for name in ("customer", "custmer"):
        with pytest.raises(FrozenAttribute) as refused:
            setattr(given, name, "Bob")
        assert str(refused.value) == (
            f"Order.inputs is frozen, so {name!r} cannot be set. What a step works out "
            f"belongs in self.internals or self.outputs."
        )
    assert given.customer == "Ada"


def test_outputs_are_frozen_when_the_run_has_ended():
    """A finished output is never set again."""
    outputs = Order.run(customer="Ada")
    with pytest.raises(FrozenAttribute):
        outputs.number = 6
    assert outputs.number == 5


def test_an_internal_is_checked_whenever_it_is_set():
    """A refused value leaves the attribute as it was."""
    internals = Order.stepper(customer="Ada").internals
    internals.rate = 7
    with pytest.raises(InvalidAttribute) as refused:
        internals.rate = "7"
    assert str(refused.value) == "Order.internals: rate must be int, got str '7'."
    with pytest.raises(InvalidAttribute) as refused:
        internals.rate = -1
    assert str(refused.value) == (
        "Order.internals: rate is refused: 'rate' must be >= 0: -1."
    )
    assert isinstance(refused.value.__cause__, ValueError)
    assert internals.rate == 7


def test_an_internal_is_converted_when_it_is_set():
    """The converter of an internal runs at each assignment, before the check."""
    internals = Order.stepper(customer="Ada").internals
    internals.cents = "12"
    assert internals.cents == 12
    with pytest.raises(InvalidAttribute) as refused:
        internals.cents = "twelve"
    assert str(refused.value) == (
        "Order.internals: cents cannot be converted to int, got str 'twelve': "
        "invalid literal for int() with base 10: 'twelve'."
    )


def test_an_unset_internal_cannot_be_read():
    """Reading before setting names the attribute and the remedy."""
    internals = Order.stepper(customer="Ada").internals
    with pytest.raises(UnsetAttribute) as refused:
        print(internals.due)
    assert str(refused.value) == (
        "Order.internals.due was read before any step set it. "
        "Set it in an earlier step, or give it a default."
    )


def test_an_undeclared_name_is_neither_read_nor_set():
    """A misspelt attribute is refused in both directions, with a suggestion."""
    internals = Order.stepper(customer="Ada").internals
    sentence = "Order.internals declares no 'rat'. Did you mean 'rate'?"
    with pytest.raises(UnknownAttribute) as refused:
        print(internals.rat)
    assert str(refused.value) == sentence
    with pytest.raises(UnknownAttribute) as refused:
        internals.rat = 5
    assert str(refused.value) == sentence
    with pytest.raises(UnknownAttribute) as refused:
        internals.zzz = 5
    assert str(refused.value) == (
        "Order.internals declares no 'zzz'. It has rate, due, cents."
    )
    with pytest.raises(UnknownAttribute) as refused:
        Service.inputs().zzz  # noqa: B018
    assert str(refused.value) == "Inputs declares no 'zzz'. It has no attributes."


def test_layers_have_no_dict():
    """Layers are slotted: there is no place for anything undeclared."""
    outputs = Order.run(customer="Ada")
    assert not hasattr(outputs, "__dict__")
    assert not hasattr(Order.inputs(customer="Ada"), "__dict__")


def test_an_alias_is_the_name_callers_use():
    """Callers and messages use the alias, steps the attribute's own name."""

    class Letter(Inputs):
        sender: str = attribute(alias="from_")

    assert Letter(from_="Ada").sender == "Ada"
    with pytest.raises(InputError) as refused:
        Letter(sender="Ada")
    assert str(refused.value) == (
        "Letter refuses its inputs, 2 problems:\n"
        "  from_ is missing (str)\n"
        "  sender is not an input."
    )


def test_outputs_are_values():
    """Finished outputs compare, hash, copy and pickle by what they hold."""
    outputs = Order.run(customer="Ada")
    assert outputs == Order.run(customer="Bob")
    assert hash(outputs) == hash(Order.run(customer="Bob"))
    assert repr(outputs) == "Order.outputs(number=5, lines=())"
    for other in (
        copy.copy(outputs),
        copy.deepcopy(outputs),
        pickle.loads(pickle.dumps(outputs)),  # noqa: S301 - made in the line itself
    ):
        assert other == outputs
        with pytest.raises(FrozenAttribute):
            other.number = 6


def test_inputs_survive_pickle():
    """Inputs may be sent to another process and run there."""
    given = Order.inputs(customer="Ada", lines=[1])
    sent = pickle.loads(pickle.dumps(given))  # noqa: S301 - made in the line itself
    assert sent == given
    assert Order.run_with(sent).number == 5


def test_editors_see_the_attributes():
    """help() and editors are shown the attributes by inspect.signature."""
    assert str(inspect.signature(Order.internals)) == (
        "(*, rate: int = 19, due: datetime.date, cents=0) -> None"
    )


def test_a_property_that_breaks_says_why():
    """Its own error arrives: of an unset attribute, or of whatever it reads."""

    class Box(Service):
        class internals(Internals):
            width: int

            @property
            def area(self):
                return self.width * self.width

            @property
            def depth(self):
                return self.width.depth

    internals = Box.stepper().internals
    with pytest.raises(UnsetAttribute, match=r"internals\.width was read"):
        print(internals.area)
    internals.width = 2
    with pytest.raises(AttributeError, match="'int' object has no attribute 'depth'"):
        print(internals.depth)


def test_a_layer_may_have_methods_and_properties():
    """A layer is a class like others: it may say what its attributes mean together."""

    class Box(Inputs):
        width: int
        height: int

        @property
        def area(self):
            return self.width * self.height

        def fits(self, other):
            return self.area <= other.area

    assert Box(width=2, height=3).area == 6
    assert Box(width=2, height=3).fits(Box(width=3, height=2))


def test_a_copy_of_what_can_be_set_is_made_by_attrs_too():
    """A step may take attrs.evolve, and what it gives is checked as ever."""
    internals = Order.stepper(customer="Ada").internals
    internals.due = date(2026, 1, 31)
    assert attrs.evolve(internals, cents="7").cents == 7
    with pytest.raises(InputError):
        attrs.evolve(internals, rate=-1)
