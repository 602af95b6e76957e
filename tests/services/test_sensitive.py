"""A sensitive value is shown nowhere: in no message, representation, note or cause."""

import traceback

import attrs
import pytest

from services import (
    DefinitionError,
    InputError,
    Inputs,
    Internals,
    InvalidAttribute,
    Outputs,
    Service,
    attribute,
    make,
)

SECRET = "hunter2"


def upper(value):
    """Convert, and give the value away on refusal."""
    if value != value.upper():
        raise ValueError(f"not upper: {value}")
    return value


class SignIn(Service):
    class inputs(Inputs):
        password: str = attribute(sensitive=True)
        user: str = "ada"

    class internals(Internals):
        token: str = attribute(
            sensitive=True, validator=attrs.validators.matches_re("[0-9]+")
        )
        upper: str = attribute(sensitive=True, converter=upper)
        key: int = attribute(sensitive=True, must={"must be even": lambda n: not n % 2})

    class outputs(Outputs):
        session: str = attribute(sensitive=True)

    steps = (make("sign_in"),)

    def sign_in(self):
        self.outputs.session = self.inputs.password


def refusal(name, value):
    """Set an internal to a refused value; give all that a traceback would print."""
    internals = SignIn.stepper(password=SECRET).internals
    with pytest.raises(InvalidAttribute) as refused:
        setattr(internals, name, value)
    printed = "".join(traceback.format_exception(refused.value))
    return str(refused.value), printed


def test_a_representation_masks_it():
    """Inputs and outputs show the other values, and three stars."""
    given = SignIn.inputs(password=SECRET)
    assert repr(given) == "SignIn.inputs(password=***, user='ada')"
    assert repr(SignIn.run_with(given)) == "SignIn.outputs(session=***)"


def test_a_wrong_type_masks_it():
    """The refusal tells the type, and not the value."""
    with pytest.raises(InputError) as refused:
        SignIn.run(password=SECRET.encode())
    assert str(refused.value) == (
        "SignIn refuses its inputs, one problem:\n  password must be str, got bytes ***"
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("token", SECRET, "SignIn.internals: token is refused: ***."),
        (
            "upper",
            SECRET,
            "SignIn.internals: upper cannot be converted to str, got str ***.",
        ),
        ("key", 31337, "SignIn.internals: key must be even, got int ***."),
        ("key", SECRET, "SignIn.internals: key must be int, got str ***."),
    ],
)
def test_whatever_refuses_it_masks_it(name, value, sentence):
    """Validators, converters and predicates mask it, their own errors included."""
    message, printed = refusal(name, value)
    assert message == sentence
    assert str(value) not in printed


def test_a_predicate_that_raises_masks_it():
    """Neither the value nor what the predicate says about it is told."""

    class Open(Inputs):
        pin: str = attribute(
            sensitive=True, must={"must be a number": lambda pin: int(pin) > 0}
        )

    with pytest.raises(InputError) as refused:
        Open(pin=SECRET)
    assert SECRET not in "".join(traceback.format_exception(refused.value))
    assert [str(problem) for problem in refused.value.problems] == [
        "pin must be a number, got str ***"
    ]


def test_what_a_converter_says_of_an_input_is_no_cause():
    """A traceback shows the refusal alone."""

    class Open(Inputs):
        pin: str = attribute(sensitive=True, converter=upper)

    with pytest.raises(InputError) as refused:
        Open(pin=SECRET)
    assert SECRET not in "".join(traceback.format_exception(refused.value))


def test_untrusted_data_masks_it():
    """Refused data is not repeated, nor are the keys within it."""

    class Pay(Inputs):
        card: dict[str, int] = attribute(sensitive=True)
        lines: list[int] = attribute(sensitive=True, factory=list)

    with pytest.raises(InputError) as refused:
        Pay.structure({"card": {SECRET: SECRET}, "lines": [SECRET]})
    assert str(refused.value) == (
        "Pay refuses its inputs, 2 problems:\n"
        "  card must be dict[str, int], got dict ***\n"
        "  lines must be list[int], got list ***"
    )


class Card(Inputs):
    pin: int = attribute(sensitive=True)
    holder: str = ""


class Charge(Service):
    class inputs(Inputs):
        card: Card | None = None
        cards: list[Card] = attribute(factory=list)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"card": {"pin": SECRET}}, "card.pin must be int, got ***"),
        ({"card": {"pin": {SECRET: [SECRET]}}}, "card.pin must be int, got ***"),
        ({"card": {"holder": "Ada"}}, "card.pin is missing"),
        ({"cards": [{"pin": [SECRET]}]}, "cards[0].pin must be int, got ***"),
        ({"cards": {"pin": SECRET}}, "cards must be a list, got dict"),
        ({"card": [{"pin": SECRET}]}, "card must be Card or None, got list"),
        ([{"card": {"pin": SECRET}}], "must be an object, got list"),
    ],
)
def test_untrusted_data_masks_it_in_layers_within_layers(data, problem):
    """A sensitive attribute of nested inputs is masked, wherever its value came."""
    with pytest.raises(InputError) as refused:
        Charge.inputs.structure(data)
    assert [str(each) for each in refused.value.problems] == [problem]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({SECRET: "\0"}, "secret holds a NUL character"),
        ([{SECRET: 1 << 70}], "secret does not fit into 64 bits"),
    ],
)
def test_limits_name_the_sensitive_input_and_nothing_within(value, problem):
    """Data is refused before it is walked, and no key of a secret is told."""

    class Keep(Inputs):
        secret: object = attribute(sensitive=True)

    with pytest.raises(InputError) as refused:
        Keep.structure({"secret": value})
    assert [str(each) for each in refused.value.problems] == [problem]


def test_a_class_that_is_no_layer_cannot_declare_it():
    """attribute() in an attrs class would mask nothing, so no instance is made."""

    @attrs.define
    class Plain:
        pin: str = attribute(sensitive=True)

    class Pay(Inputs):
        card: Plain

    for make_one in (
        lambda: Plain(pin=SECRET),
        lambda: Pay.structure({"card": {"pin": SECRET}}),
    ):
        with pytest.raises(DefinitionError) as refused:
            make_one()
        assert str(refused.value) == (
            "Plain: attribute 'pin' is made by attribute(), which only Inputs, "
            "Internals and Outputs read. Write attrs.field(...), or derive from Inputs."
        )


def test_the_notes_of_an_exception_mask_it():
    """An exception that leaves the run tells the inputs without it."""

    class Broken(SignIn):
        steps = (make("break_down"),)

        def break_down(self):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as raised:
        Broken.run(password=SECRET)
    assert raised.value.__notes__ == [
        "  Broken > break_down (2 of 2)",
        "  inputs: password=***, user='ada'",
    ]


class Wallet(Inputs):
    cards: list[Card] = attribute(factory=list)


class Pay(Service):
    class inputs(Inputs):
        wallet: Wallet | None = None
        note: object = None


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (
            {"wallet": {"cards": [{"pin": {SECRET: "\0"}}]}},
            "wallet holds a NUL character",
        ),
        ({"wallet": {SECRET: float("inf")}}, "wallet is not a finite number"),
        ({"note": {"here": "\0"}}, "note.here holds a NUL character"),
    ],
)
def test_limits_name_no_key_near_a_secret(data, problem):
    """Before it was walked nobody knows which of the keys belong to it."""
    with pytest.raises(InputError) as refused:
        Pay.inputs.structure(data)
    assert [str(each) for each in refused.value.problems] == [problem]


def test_what_was_to_be_a_layer_is_told_by_its_kind():
    """Given to a run as it came from outside, it shows nothing of what is in it."""
    with pytest.raises(InputError) as refused:
        Charge.run(card={"pin": SECRET})  # type: ignore[arg-type]
    assert [str(each) for each in refused.value.problems] == [
        "card must be Card or None, got dict"
    ]
