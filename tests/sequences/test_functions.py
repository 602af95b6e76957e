"""The names of django-sequences: their arguments, and what they do."""

import inspect
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from django.test import TestCase
from django.utils.translation import gettext_lazy

import sequences
from sequences import (
    InvalidSequence,
    LockBusy,
    Sequence,
    SequenceExhausted,
    delete,
    get_last_value,
    get_next_value,
    get_next_values,
)
from sequences.testing import OtherSession
from tests.sequences.marks import autocommit


def _get_next_value(
    sequence_name="default", initial_value=1, reset_value=None, *, nowait=False,
    using=None,
): ...  # fmt: skip
def _get_next_values(
    batch_size, sequence_name="default", initial_value=1, *, nowait=False, using=None
): ...  # fmt: skip
def _get_last_value(sequence_name="default", *, using=None): ...
def _delete(sequence_name="default", *, using=None): ...


class _Sequence:
    def __init__(
        self, sequence_name="default", initial_value=1, reset_value=None, *, using=None
    ): ...
    def get_next_value(self, *, nowait=False): ...
    def get_next_values(self, batch_size, *, nowait=False): ...
    def get_last_value(self): ...
    def delete(self): ...


def parameters(function: Callable[..., Any]) -> list[tuple[str, object, object]]:
    """Give name, kind and default of each parameter."""
    return [
        (each.name, each.kind, each.default)
        for each in inspect.signature(function).parameters.values()
    ]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (get_next_value, _get_next_value),
        (get_next_values, _get_next_values),
        (get_last_value, _get_last_value),
        (delete, _delete),
        (Sequence.get_next_value, _Sequence.get_next_value),
        (Sequence.get_next_values, _Sequence.get_next_values),
        (Sequence.get_last_value, _Sequence.get_last_value),
        (Sequence.delete, _Sequence.delete),
    ],
)
def test_signatures(ours: Callable[..., Any], theirs: Callable[..., Any]):
    """Every call that was right for django-sequences 3.1 is right here."""
    assert parameters(ours) == parameters(theirs)


def test_the_signature_of_sequence():
    """Sequence takes what it took there; what is new is named, and has a default."""
    old = parameters(_Sequence.__init__)
    new = parameters(Sequence.__init__)
    assert [each for each in new if each in old] == old
    added = [each for each in new if each not in old]
    assert all(kind is inspect.Parameter.KEYWORD_ONLY for _, kind, _ in added)
    assert all(default is not inspect.Parameter.empty for _, _, default in added)


def test_everything_public_is_there():
    """What __all__ names can be imported, in alphabetical order."""
    assert sequences.__all__ == sorted(sequences.__all__)
    assert all(hasattr(sequences, name) for name in sequences.__all__)


@autocommit
class TestCounting:
    """What the functions give."""

    def test_it_counts_from_one(self):
        """1, 2, 3."""
        assert [get_next_value() for _ in range(3)] == [1, 2, 3]

    def test_sequences_are_independent(self):
        """Each name counts for itself."""
        assert [get_next_value(n) for n in ("cases", "cases", "invoices")] == [1, 2, 1]

    def test_the_initial_value_is_for_the_first_call(self):
        """Later calls go on from the counter."""
        assert get_next_value("customers", initial_value=1000) == 1000
        assert get_next_value("customers", initial_value=5) == 1001
        assert get_next_value("customers") == 1002

    def test_a_loop(self):
        """In front of the reset value it starts again."""
        numbers = [get_next_value("s", initial_value=0, reset_value=3) for _ in "12345"]
        assert numbers == [0, 1, 2, 0, 1]

    def test_a_reset_value_below_the_counter(self):
        """A lowered reset value takes effect with the next number."""
        get_next_value("s", 59)
        assert get_next_value("s", 0, 24) == 0

    def test_batches(self):
        """A batch is a range."""
        assert get_next_values(10) == range(1, 11)
        assert get_next_values(10) == range(11, 21)
        assert get_next_value() == 21
        assert get_next_values(2, "customers", 1000) == range(1000, 1002)

    def test_the_last_value(self):
        """None before the first."""
        assert get_last_value() is None
        get_next_value()
        assert get_last_value() == 1
        get_next_values(3)
        assert get_last_value() == 4
        assert get_last_value("invoices") is None

    def test_delete(self):
        """It tells whether there was one; the next number is the first again."""
        get_next_value("s")
        assert delete("s") is True
        assert delete("s") is False
        assert get_next_value("s") == 1

    def test_a_sequence_has_them_as_methods(self):
        """With the parameters of the sequence."""
        claims = Sequence("claims", 5, 8)
        assert [claims.get_next_value() for _ in range(4)] == [5, 6, 7, 5]
        assert claims.get_last_value() == 5
        assert claims.delete() is True
        assert claims.get_last_value() is None

    def test_a_sequence_is_an_endless_iterator(self):
        """next() and for take numbers."""
        claims = Sequence("claims")
        assert next(claims) == 1
        assert [number for number, _ in zip(claims, range(2), strict=False)] == [2, 3]
        assert iter(claims) is claims


@autocommit
class TestTransactions:
    """What happens to a number when a transaction ends."""

    @pytest.mark.parametrize("nowait", [False, True])
    @pytest.mark.parametrize(
        "draw", [get_next_value, lambda **o: get_next_values(1, **o)]
    )
    def test_autocommit_takes_it_for_good(
        self,
        draw: Callable[..., object],
        nowait: bool,  # noqa: FBT001
    ):
        """Without a transaction the number is taken when the call returns."""
        draw(nowait=nowait)
        with OtherSession() as other:
            assert other.run(get_last_value) == 1

    @pytest.mark.parametrize("nowait", [False, True])
    @pytest.mark.parametrize(
        "draw", [get_next_value, lambda **o: get_next_values(1, **o)]
    )
    def test_a_rollback_gives_it_back(
        self,
        draw: Callable[..., object],
        nowait: bool,  # noqa: FBT001
    ):
        """In a transaction the number is part of it, the first and every other."""
        for last in (None, 1):
            with transaction.atomic():
                draw(nowait=nowait)
                transaction.set_rollback(True)
            assert get_last_value() == last
            get_next_value()

    def test_without_autocommit(self):
        """Who commits by hand has a transaction open all the time."""
        transaction.set_autocommit(False)
        try:
            assert get_next_value() == 1
            assert get_next_values(2) == range(2, 4)
            assert get_next_value(nowait=True) == 4
            transaction.rollback()
            assert get_last_value() is None
            assert get_next_values(2) == range(1, 3)
            transaction.commit()
        finally:
            transaction.rollback()
            transaction.set_autocommit(True)
        assert get_last_value() == 2


class TestInTestCase(TestCase):
    """Django's TestCase, whose transactions do not count as the caller's."""

    def test_every_function_works(self):
        """The functions need no transaction in production, nor in its tests."""
        assert get_next_value() == 1
        assert get_next_value(nowait=True) == 2
        assert get_next_values(2) == range(3, 5)
        assert get_next_values(2, nowait=True) == range(5, 7)
        assert Sequence("hours", 0, 24).get_next_values(3) == range(3)
        with pytest.raises(SequenceExhausted):
            Sequence("few", max_value=2).get_next_values(3)
        assert get_last_value() == 6
        assert delete() is True


@autocommit
class TestWhatWasWrongThere:
    """What django-sequences 3.1 does wrong."""

    def test_a_batch_of_none_leaves_no_trace(self):
        """0 numbers are the empty range, and create no counter."""
        assert get_next_values(0) == range(0)
        assert get_last_value() is None
        get_next_value()
        assert get_next_values(0) == range(0)
        assert get_last_value() == 1

    def test_a_negative_batch_is_refused(self):
        """Where it moved the counter back, it is a ValueError that moves nothing."""
        get_next_values(5)
        with pytest.raises(InvalidSequence) as refusal:
            get_next_values(-2)
        assert str(refusal.value) == (
            "Sequence 'default': a batch has between 0 and 2**63 - 1 numbers, not -2."
        )
        assert isinstance(refusal.value, ValueError)
        assert get_last_value() == 5

    @pytest.mark.parametrize("last", [None, 2**63 - 3])
    def test_past_the_end_of_all_numbers(self, last: int | None):
        """Where the database raised what it likes, it is typed and moves nothing."""
        if last is not None:
            get_next_value(initial_value=last)
        with pytest.raises(SequenceExhausted) as refusal:
            get_next_values(3, initial_value=2**63 - 2)
        assert isinstance(refusal.value, (DatabaseError, ValueError))
        assert refusal.value.left == 2
        assert get_last_value() == last

    def test_the_last_number_of_all(self):
        """2**63 - 1 is given out; then there is none."""
        assert get_next_value(initial_value=2**63 - 1) == 2**63 - 1
        for draw in (get_next_value, lambda: get_next_value(nowait=True)):
            with pytest.raises(SequenceExhausted) as refusal:
                draw()
            assert str(refusal.value) == (
                "Sequence 'default' has no number left: it stands at "
                "9223372036854775807 and ends at 9223372036854775807. Raise its "
                "limit, or start a new sequence."
            )
        assert get_last_value() == 2**63 - 1

    def test_a_batch_may_loop(self):
        """A batch of a looping sequence goes around."""
        hours = Sequence("hours", 0, 24)
        assert hours.get_next_values(23) == range(23)
        assert hours.get_next_values(3) == (23, 0, 1)
        assert hours.get_last_value() == 1

    @pytest.mark.parametrize("function", [get_next_value, get_last_value, delete])
    def test_a_name_that_is_too_long_is_refused(self, function: Callable[..., object]):
        """On every database, where SQLite took it and others refused it."""
        with pytest.raises(InvalidSequence) as refusal:
            function("x" * 101)
        assert str(refusal.value) == (
            f"Sequence '{'x' * 100}': its name has 101 characters, at most 100 are "
            f"possible."
        )

    def test_the_longest_name(self):
        """100 characters, not bytes."""
        assert get_next_value("\U0001f9fe" * 100) == 1
        assert get_last_value("\U0001f9fe" * 100) == 1

    def test_names_differ_by_every_character(self):
        """Also on MariaDB, whose default collation takes several of them for one."""
        names = ["INV", "inv", "inv ", " inv", "\u00efnv", "stra\u00dfe", "strasse", ""]
        for round_ in (1, 2):
            assert [get_next_value(name) for name in names] == [round_] * len(names)
        assert [get_last_value(name) for name in names] == [2] * len(names)
        assert delete("inv")
        assert get_last_value("INV") == 2

    @pytest.mark.parametrize("key", [7, UUID(int=7)])
    def test_a_key_is_a_name(self, key: Any):
        """As it is there, where a number or a UUID ends up as the text of it."""
        assert get_next_value(key) == 1
        assert get_next_values(2, key) == range(2, 4)
        assert get_last_value(key) == get_last_value(str(key)) == 3
        assert delete(key)

    @pytest.mark.parametrize(
        ("call", "sentence"),
        [
            (
                lambda: get_next_value(sequence_name=True),  # type: ignore[arg-type]
                "Sequence 'True': its name must be text, got bool.",
            ),
            (
                lambda: get_next_value(b"7"),  # type: ignore[arg-type]
                "Sequence \"b'7'\": its name must be text, got bytes.",
            ),
            (
                lambda: get_next_value("s", "1"),  # type: ignore[arg-type]
                "Sequence 's': initial_value must be int, got str.",
            ),
            (
                lambda: get_next_value("s", 1.5),  # type: ignore[arg-type]
                "Sequence 's': initial_value must be int, got float.",
            ),
            (
                lambda: get_next_value("s", 5, 5),
                "Sequence 's': reset_value must be greater than initial_value.",
            ),
            (
                lambda: get_next_values("2", "s"),  # type: ignore[arg-type]
                "Sequence 's': batch_size must be int, got str '2'.",
            ),
        ],
    )
    def test_arguments_of_another_type_are_refused(
        self, call: Callable[[], object], sentence: str
    ):
        """On every database alike, as ValueError, before anything is taken."""
        with pytest.raises(ValueError, match=r"\S") as refusal:
            call()
        assert str(refusal.value) == sentence
        assert get_last_value("s") is None

    def test_what_django_sequences_takes_is_taken(self):
        """A text to be translated is a name, and what is true is true."""
        name = gettext_lazy("sequence")
        assert get_next_value(name, nowait=1) == 1  # type: ignore[arg-type]
        assert get_next_values(2, name, nowait=1) == range(2, 4)  # type: ignore[arg-type]
        assert Sequence(name).get_last_value() == get_last_value(name) == 3
        assert get_last_value("sequence") == 3
        assert delete(name)

    @pytest.mark.parametrize("initial", [None, 1])
    @pytest.mark.parametrize(
        "draw", [get_next_value, lambda **o: get_next_values(1, **o)]
    )
    def test_nowait_never_waits(
        self,
        other: OtherSession,
        draw: Callable[..., object],
        initial: int | None,
    ):
        """A counter that is held is a LockBusy, also while its first number is."""
        if initial is not None:
            get_next_value()
        with transaction.atomic():
            get_next_value()
            with pytest.raises(LockBusy) as refusal:
                other.run(draw, nowait=True)
            transaction.set_rollback(True)
        assert str(refusal.value) == (
            "Sequence 'default' is locked by another transaction on database "
            "'default'. Call without nowait to wait for it, or try again."
        )
        assert isinstance(refusal.value, DatabaseError)
        assert other.run(get_next_value, nowait=True) == (initial or 0) + 1
