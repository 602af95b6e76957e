"""Errors are facts and one sentence, in one family, and travel between processes."""

import copy
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from services import (
    DefinitionError,
    FrozenAttribute,
    InputError,
    InputProblem,
    Inputs,
    InvalidAttribute,
    MissingOutputs,
    Service,
    ServiceError,
    ServiceFailed,
    UnexpectedReturn,
    UnknownAttribute,
    UnknownStep,
    UnsetAttribute,
    make,
)

PROBLEM = InputProblem("lines[3].quantity", "type", "must be int, got str 'x'")


class OutOfStock(ServiceFailed):
    """A failure that is made from facts of its own."""

    def __init__(self, item: str) -> None:
        super().__init__(f"No {item} left.", code="stock", item=item)


class Reserve(Service):
    class inputs(Inputs):
        item: str

    steps = (make("reserve"),)

    def reserve(self):
        raise OutOfStock(self.inputs.item)


def through_pickle(error):
    """Give what another process would receive."""
    return pickle.loads(pickle.dumps(error))  # noqa: S301 - made in the line itself


ERRORS = [
    (DefinitionError("S", "is wrong.", where="s.py:1"), TypeError),
    (DefinitionError("S", "is wrong."), TypeError),
    (InputError("S", [PROBLEM]), ValueError),
    (InvalidAttribute("S.internals", "x", [PROBLEM]), TypeError),
    (UnknownAttribute("S.internals", "x", ""), AttributeError),
    (FrozenAttribute("S.inputs", "x", "Do not."), AttributeError),
    (UnsetAttribute("S.internals", "x"), AttributeError),
    (MissingOutputs("S", ["x"], []), RuntimeError),
    (UnexpectedReturn("S", "save", 5), TypeError),
    (UnknownStep("S", "save", ""), LookupError),
    (ServiceFailed("It failed.", code="c", fact=1), ServiceError),
    (OutOfStock("nail"), ServiceFailed),
]
NAMES = [type(error).__name__ for error, _ in ERRORS]


@pytest.mark.parametrize(("error", "kind"), ERRORS, ids=NAMES)
def test_an_error_is_one_of_ours_and_of_pythons_kind(error, kind):
    """Who does not know this package catches it by Python's own classes."""
    assert isinstance(error, ServiceError)
    assert isinstance(error, kind)


@pytest.mark.parametrize("error", [error for error, _ in ERRORS], ids=NAMES)
@pytest.mark.parametrize("travel", [through_pickle, copy.copy])
def test_an_error_travels_with_its_facts_and_notes(error, travel):
    """Pickle and copy give the same type, sentence, facts and notes."""
    error = copy.copy(error)
    error.add_note("  S > save (1 of 1)")
    other = travel(error)
    assert type(other) is type(error)
    assert str(other) == str(error)
    assert vars(other) == vars(error)
    assert other.__notes__ == ["  S > save (1 of 1)"]


def test_a_failure_crosses_processes():
    """A service that fails in a worker process fails so in the parent."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as workers:
        error = workers.submit(Reserve.run, item="nail").exception()
    assert type(error) is OutOfStock
    assert error.facts == {"item": "nail"}
    assert error.__notes__ == ["  Reserve > reserve (1 of 1)", "  inputs: item='nail'"]


def test_a_definition_error_without_a_place_leaves_it_out():
    """The place stands in brackets, where it is known."""
    assert str(ERRORS[0][0]) == "S (s.py:1): is wrong."
    assert str(ERRORS[1][0]) == "S: is wrong."


def test_input_problems_are_values():
    """Problems compare, hash and show by path, code and message."""
    same = InputProblem(PROBLEM.path, PROBLEM.code, PROBLEM.message)
    other = InputProblem("", "type", "must be an object, got list []")
    assert same == PROBLEM
    assert other != PROBLEM
    assert len({PROBLEM, same, other}) == 2
    assert str(PROBLEM) != PROBLEM
    assert str(PROBLEM) == "lines[3].quantity must be int, got str 'x'"
    assert str(other) == "must be an object, got list []"
    assert repr(other) == "InputProblem('', 'type', 'must be an object, got list []')"


def test_input_errors_group_their_messages_by_path():
    """by_path is ready for a form or an answer."""
    again = InputProblem(PROBLEM.path, "invalid", "must be even")
    error = InputError("S", [PROBLEM, again])
    assert error.by_path() == {PROBLEM.path: [PROBLEM.message, "must be even"]}
    assert str(error) == (
        "S refuses its inputs, 2 problems:\n"
        "  lines[3].quantity must be int, got str 'x'\n"
        "  lines[3].quantity must be even"
    )


@pytest.mark.parametrize(
    ("message", "code", "sentence"),
    [
        (42, "c", "A failure has a sentence, which is text; got 42. "),
        ("", "c", "A failure has a sentence, which is text; got ''. "),
        ("why", None, "A failure has a code, which is text; got None. "),
        ("why", 404, "A failure has a code, which is text; got 404. "),
        ("why", "", "A failure has a code, which is text; got ''. "),
    ],
)
def test_a_failure_has_a_sentence_and_a_code(message, code, sentence):
    """Whoever handles it may read both; a number, nothing or no text is refused."""
    with pytest.raises(TypeError) as refused:
        ServiceFailed(message, code=code)
    assert str(refused.value) == (
        f"{sentence}Write self.fail('why', code='a_short_name')."
    )


class Lazy:
    """A text that is translated when it is shown, as Django has them."""

    def __str__(self) -> str:
        return "Nur ein Entwurf."


def test_a_sentence_may_be_translated_when_it_is_shown():
    """It is kept as it came, and says what it says then."""
    text = Lazy()
    error = ServiceFailed(text, code="not_a_draft")  # type: ignore[arg-type]
    assert error.message is text
    assert str(error) == "Nur ein Entwurf."
