"""What a Sequence may be declared as."""

import copy
import gc
import pickle
import threading
from typing import Any
from unittest import mock

import pytest

from sequences import Guarantee, InvalidSequence, Sequence, SequenceExhausted
from sequences.definitions import declared
from sequences.registry import sequences_with_documents


def test_defaults():
    """Without arguments it counts 1, 2, 3 as 'default', where the routers say."""
    plain = Sequence()
    assert plain.sequence_name == "default"
    assert [plain.after(None), plain.after(1)] == [1, 2]
    assert (plain.reset_value, plain.max_value, plain.using) == (None, None, None)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"sequence_name": "x" * 101},
            (
                f"Sequence '{'x' * 100}': its name has 101 characters, "
                f"at most 100 are possible."
            ),
        ),
        (
            {"sequence_name": None},
            "Sequence 'None': its name must be text, got NoneType.",
        ),
        (
            {"initial_value": -1},
            (
                "Sequence 'default': initial_value must be between 0 and 2**63 - 1, "
                "got -1."
            ),
        ),
        (
            {"initial_value": 2**63},
            (
                "Sequence 'default': initial_value must be between 0 and 2**63 - 1, "
                "got 9223372036854775808."
            ),
        ),
        (
            {"initial_value": "1"},
            "Sequence 'default': initial_value must be int, got str.",
        ),
        (
            {"initial_value": True},
            "Sequence 'default': initial_value must be int, got bool.",
        ),
        (
            {"initial_value": 1.0},
            "Sequence 'default': initial_value must be int, got float.",
        ),
        (
            {"increment": 0},
            "Sequence 'default': increment must not be 0.",
        ),
        (
            {"increment": -1, "max_value": 9},
            "Sequence 'default': it counts down: declare its end as min_value.",
        ),
        (
            {"min_value": 0},
            "Sequence 'default': it counts up: declare its end as max_value.",
        ),
        (
            {"increment": -1, "initial_value": 5, "min_value": 6},
            "Sequence 'default': min_value must not be greater than initial_value.",
        ),
        (
            {"increment": -1, "initial_value": 5, "reset_value": 5},
            "Sequence 'default': reset_value must be less than initial_value.",
        ),
        (
            {
                "increment": -1,
                "guarantee": Guarantee.POOLED,
                "column": "documents.Document.number",
            },
            "Sequence 'default': it cannot be POOLED and count down.",
        ),
        (
            {"reset_value": 1},
            "Sequence 'default': reset_value must be greater than initial_value.",
        ),
        (
            {"reset_value": "9"},
            "Sequence 'default': reset_value must be int, got str.",
        ),
        (
            {"initial_value": 5, "max_value": 4},
            "Sequence 'default': max_value must not be less than initial_value.",
        ),
        (
            {"max_value": 2**63},
            (
                "Sequence 'default': max_value must be between 0 and 2**63 - 1, "
                "got 9223372036854775808."
            ),
        ),
        (
            {"reset_value": 9, "max_value": 8},
            (
                "Sequence 'default': it either loops (reset_value) or ends "
                "(max_value), not both."
            ),
        ),
        (
            {"column": "Invoice.number"},
            "Sequence 'default': column must be written as 'app.Model.field'.",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any], sentence: str):
    """A declaration that could not hold is refused when it is made, as ValueError."""
    with pytest.raises(InvalidSequence) as refusal:
        Sequence(**options)
    assert str(refusal.value) == sentence
    assert isinstance(refusal.value, ValueError)


def test_a_limit_is_the_last_number():
    """max_value itself is given out; after it comes the refusal with all facts."""
    ended = Sequence("tickets", 5, increment=5, max_value=17)
    assert ended.values_after(None, 3) == range(5, 20, 5)
    with pytest.raises(SequenceExhausted) as refusal:
        ended.values_after(10, 2)
    assert str(refusal.value) == (
        "Sequence 'tickets' has 1 of the 2 numbers asked for: it stands at 10 and "
        "ends at 17. Raise its limit, or start a new sequence."
    )
    facts = refusal.value
    assert (facts.asked, facts.left, facts.last, facts.limit) == (2, 1, 10, 17)


def test_a_loop_is_exhausted_by_more_than_one_round():
    """A batch longer than a loop would hold a number twice, and is refused."""
    with pytest.raises(SequenceExhausted) as refusal:
        Sequence("hours", 0, 24).values_after(None, 25)
    assert str(refusal.value) == (
        "Sequence 'hours' has 24 of the 25 numbers asked for: it has given out none "
        "and ends at 23. Raise its limit, or start a new sequence."
    )


def test_sequences_with_a_column_are_known_for_as_long_as_they_live():
    """System checks see every living sequence that names its column, by name."""
    second = Sequence("b", column="auth.Group.id")
    first = Sequence("a", column="auth.Group.id")
    assert [s for s in sequences_with_documents() if s in (first, second)] == [
        first,
        second,
    ]
    del second
    gc.collect()
    assert "b" not in [s.sequence_name for s in sequences_with_documents()]


@pytest.mark.parametrize("through", [copy.copy, copy.deepcopy, "pickle"])
def test_a_sequence_can_be_copied(through: Any):
    """A declaration travels: to a task queue, into a copied form or model."""
    if through == "pickle":

        def through(sequence: Sequence) -> Any:
            return pickle.loads(pickle.dumps(sequence))  # noqa: S301 - our own bytes

    twin = through(Sequence("hours", 0, 24, using="other"))
    assert (twin.sequence_name, twin.using, twin.after(23)) == ("hours", "other", 0)


def test_a_name_is_a_plain_sequence():
    """Services take a name for the sequence of that name, and a Sequence as it is."""
    hours = Sequence("hours", 0, 24)
    assert declared(hours) is hours
    assert declared("invoices").sequence_name == "invoices"


def test_repr_names_it():
    """A sequence shows its name."""
    assert repr(Sequence("invoices")) == "<Sequence 'invoices'>"


@pytest.mark.parametrize("name", ["initial_value", "max_value", "using", "guarantee"])
def test_what_was_declared_cannot_be_changed(name: str):
    """Counting goes by the declaration: a change would be kept in part only."""
    hours = Sequence("hours", 0, 24)
    with pytest.raises(AttributeError) as refusal:
        setattr(hours, name, 9)
    assert str(refusal.value) == (
        f"Sequence 'hours': {name} is declared, and cannot be set to 9. Declare a new "
        f"Sequence."
    )


def test_a_method_can_be_replaced_in_a_test():
    """As of any object: it is the project's to say what its tests stand in for."""
    hours = Sequence("hours")
    with mock.patch.object(hours, "get_next_value", return_value=7):
        assert next(hours) == 7


def test_what_is_looked_up_is_not_found_as_another_declaration():
    """A state is read of the same sequence on some database, and of no second one."""
    papers = Sequence("papers of one", column="auth.Group.id")
    elsewhere = papers.counter_on("other")
    found = [
        s for s in sequences_with_documents() if s.sequence_name == "papers of one"
    ]
    assert found == [papers]
    assert (elsewhere.using, papers.using) == ("other", None)


def test_threads_may_declare_while_others_look():
    """To see all sequences is one step, whatever is added meanwhile."""
    stop = threading.Event()

    def declare() -> None:
        while not stop.is_set():
            Sequence("passing", column="auth.Group.id")

    thread = threading.Thread(target=declare)
    thread.start()
    try:
        for _ in range(2_000):
            sequences_with_documents()
    finally:
        stop.set()
        thread.join()
