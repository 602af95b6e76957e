"""What a refusal says, what it is, and that it travels."""

import copy
import pickle

import pytest
from django.db import DatabaseError, DataError, IntegrityError, OperationalError
from django.db.transaction import TransactionManagementError

from sequences import (
    Conflict,
    CounterBehind,
    Deadlock,
    InvalidSequence,
    LockBusy,
    LockTimeout,
    NoTransaction,
    NumberNotGivenOut,
    NumberOnDocument,
    NumberVoid,
    SequenceClosed,
    SequenceError,
    SequenceExhausted,
    SequenceInUse,
)
from sequences.errors import BE_ASSIGNED
from services import ServiceFailed

INVALID = InvalidSequence("invoices", "reset_value must be greater.")
OUTSIDE = NoTransaction("invoices", "default")
EXHAUSTED = SequenceExhausted("invoices", asked=3, left=2, last=6, limit=8)
BEHIND = CounterBehind("invoices", before=9, after=4)
BUSY = LockBusy("invoices", "default")
TIMEOUT = LockTimeout("invoices", "default")
DEADLOCK = Deadlock("invoices", "default")
CONFLICT = Conflict("invoices", "default")
CLOSED = SequenceClosed("invoices")
IN_USE = SequenceInUse("invoices", 3)
NOT_GIVEN_OUT = NumberNotGivenOut("invoices", value=9, last=7)
ON_DOCUMENT = NumberOnDocument("invoices", value=7, document="shop.Invoice:3")
VOID = NumberVoid("invoices", value=7, reason="misprint", at="2026-05-04")

ALL = [
    INVALID,
    OUTSIDE,
    EXHAUSTED,
    CLOSED,
    IN_USE,
    NOT_GIVEN_OUT,
    ON_DOCUMENT,
    VOID,
    BEHIND,
    BUSY,
    TIMEOUT,
    DEADLOCK,
    CONFLICT,
]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (INVALID, "Sequence 'invoices': reset_value must be greater."),
        (
            OUTSIDE,
            (
                "Cannot take a number from sequence 'invoices': no transaction is open "
                "on database 'default'. Wrap the call, and the save that uses the "
                "number, in one transaction.atomic() block."
            ),
        ),
        (
            EXHAUSTED,
            (
                "Sequence 'invoices' has 2 of the 3 numbers asked for: it stands at 6 "
                "and ends at 8. Raise its limit, or start a new sequence."
            ),
        ),
        (
            SequenceExhausted("invoices", asked=1, left=0, last=8, limit=8),
            (
                "Sequence 'invoices' has no number left: it stands at 8 and ends at 8. "
                "Raise its limit, or start a new sequence."
            ),
        ),
        (
            CLOSED,
            (
                "Sequence 'invoices' is closed and gives out no more numbers. Use an "
                "open one, such as that of the next period, or open it again on "
                "purpose with SetCounter and force."
            ),
        ),
        (
            IN_USE,
            (
                "Sequence 'invoices' cannot be deleted: it would start again with "
                "numbers of which its ledger holds 3 entries. Close it with "
                "CloseSequence."
            ),
        ),
        (
            NOT_GIVEN_OUT,
            (
                "Number 9 of sequence 'invoices' cannot be void: the sequence stands "
                "at 7. Only a number that was given out can be void."
            ),
        ),
        (
            NumberNotGivenOut("invoices", value=9, last=None),
            (
                "Number 9 of sequence 'invoices' cannot be void: the sequence has "
                "given out none. Only a number that was given out can be void."
            ),
        ),
        (
            ON_DOCUMENT,
            (
                "Number 7 of sequence 'invoices' cannot be void: it is on "
                "shop.Invoice:3. Leave the document as it is, and cancel it by "
                "another one, such as a credit note."
            ),
        ),
        (
            NumberNotGivenOut("invoices", value=9, last=7, deed=BE_ASSIGNED),
            (
                "Number 9 of sequence 'invoices' cannot be assigned: the sequence "
                "stands at 7. Only a number that was given out can be assigned."
            ),
        ),
        (
            NumberOnDocument(
                "invoices", value=7, document="shop.Invoice:3", deed=BE_ASSIGNED
            ),
            (
                "Number 7 of sequence 'invoices' cannot be assigned: it is on "
                "shop.Invoice:3. Leave it there, and take another number for the other "
                "document."
            ),
        ),
        (
            VOID,
            (
                "Number 7 of sequence 'invoices' is void since 2026-05-04: "
                "'misprint'. It stays void. For a document, take another number, with "
                "another key; to void others, leave it out."
            ),
        ),
        (
            BEHIND,
            (
                "Sequence 'invoices' stands at 9 and cannot be set back to 4: it would "
                "give out numbers again. If none of the numbers after 4 exists, use "
                "SetCounter with force, or 'set_sequence --force'."
            ),
        ),
        (
            BUSY,
            (
                "Sequence 'invoices' is locked by another transaction on database "
                "'default'. Call without nowait to wait for it, or try again."
            ),
        ),
        (
            TIMEOUT,
            (
                "Sequence 'invoices' was not free within the database's lock timeout "
                "on database 'default'. Find the transaction that holds it, keep such "
                "transactions short, and wrap the outermost one in retry_on_conflict."
            ),
        ),
        (
            DEADLOCK,
            (
                "Sequence 'invoices' was part of a deadlock on database 'default'. "
                "Take numbers of several sequences in the same order everywhere, and "
                "wrap the outermost transaction in retry_on_conflict."
            ),
        ),
        (
            CONFLICT,
            (
                "Sequence 'invoices' was moved by another transaction in the meantime "
                "on database 'default'. Wrap the outermost transaction in "
                "retry_on_conflict."
            ),
        ),
    ],
)
def test_the_sentence(error: SequenceError, sentence: str):
    """An error says what was refused, of which sequence, why, and what to do."""
    assert str(error) == sentence


@pytest.mark.parametrize(
    ("error", "kinds"),
    [
        (INVALID, (ValueError,)),
        (OUTSIDE, (TransactionManagementError, DatabaseError)),
        (EXHAUSTED, (ServiceFailed, DataError, DatabaseError, ValueError)),
        (CLOSED, (ServiceFailed, DataError, DatabaseError)),
        (IN_USE, (IntegrityError, DatabaseError)),
        (NOT_GIVEN_OUT, (ServiceFailed,)),
        (ON_DOCUMENT, (ServiceFailed,)),
        (VOID, (ServiceFailed,)),
        (BEHIND, (ServiceFailed,)),
        (BUSY, (ServiceFailed, OperationalError, DatabaseError)),
        (TIMEOUT, (OperationalError, DatabaseError)),
        (DEADLOCK, (OperationalError, DatabaseError)),
        (CONFLICT, (OperationalError, DatabaseError)),
    ],
)
def test_what_it_is(error: SequenceError, kinds: tuple[type[Exception], ...]):
    """Code that catches Django's errors, or ValueError, goes on catching ours."""
    assert all(isinstance(error, kind) for kind in (SequenceError, *kinds))


@pytest.mark.parametrize("error", [TIMEOUT, DEADLOCK, CONFLICT, INVALID, OUTSIDE])
def test_accidents_are_not_failures(error: SequenceError):
    """What `attempt` gives as a Failure is only what a caller may expect."""
    assert not isinstance(error, ServiceFailed)


@pytest.mark.parametrize("error", ALL, ids=lambda error: type(error).__name__)
def test_it_keeps_its_facts_through_pickle_and_copy(error: SequenceError):
    """A worker's error arrives elsewhere with its type, sentence, facts and notes."""
    error = copy.copy(error)
    error.add_note("a note")
    for twin in (
        pickle.loads(pickle.dumps(error)),  # noqa: S301 - our own bytes
        copy.deepcopy(error),
    ):
        assert type(twin) is type(error)
        assert str(twin) == str(error)
        assert vars(twin) == vars(error)
        assert twin.sequence == "invoices"
        assert twin.__notes__ == ["a note"]


@pytest.mark.parametrize(
    ("error", "code", "facts"),
    [
        (
            EXHAUSTED,
            "exhausted",
            {"sequence": "invoices", "asked": 3, "left": 2, "last": 6, "limit": 8},
        ),
        (BEHIND, "counter_behind", {"sequence": "invoices", "before": 9, "after": 4}),
        (CLOSED, "closed", {"sequence": "invoices"}),
        (
            NOT_GIVEN_OUT,
            "not_given_out",
            {"sequence": "invoices", "value": 9, "last": 7},
        ),
        (
            ON_DOCUMENT,
            "on_document",
            {"sequence": "invoices", "value": 7, "document": "shop.Invoice:3"},
        ),
        (
            VOID,
            "void",
            {
                "sequence": "invoices",
                "value": 7,
                "reason": "misprint",
                "at": "2026-05-04",
            },
        ),
        (BUSY, "busy", {"sequence": "invoices", "using": "default"}),
    ],
)
def test_a_failure_has_a_code_and_facts(
    error: ServiceFailed, code: str, facts: dict[str, object]
):
    """A program tells failures apart by their code, and reads facts by name."""
    assert (error.code, error.facts, error.message) == (code, facts, str(error))


def test_an_invalid_name_is_shown_in_short():
    """A name of a million characters does not make a message of a million."""
    refusal = InvalidSequence("x" * 1_000_000, "it is too long.")
    assert str(refusal) == f"Sequence '{'x' * 100}': it is too long."
