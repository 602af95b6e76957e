"""Gapless numbers for Django; a superset of django-sequences under its names."""

from sequences.allocation.adopt_native import AdoptNative
from sequences.allocation.allocate_number import AllocateNumber
from sequences.allocation.allocate_numbers import AllocateNumbers
from sequences.allocation.claim_number import ClaimNumber
from sequences.allocation.draw_number import DrawNumber
from sequences.allocation.number_document import NumberDocument
from sequences.allocation.number_pending import NumberPending
from sequences.allocation.replenish_pool import ReplenishPool
from sequences.allocation.reserve_block import ReserveBlock
from sequences.allocation.return_block import ReturnBlock
from sequences.allocation.set_counter import SetCounter
from sequences.blocks import BlockAllocator
from sequences.check_digits import (
    CheckDigitError,
    Scheme,
    StdnumMissing,
    check_digits,
)
from sequences.collisions import could_collide
from sequences.definitions import Sequence
from sequences.dispatch import (
    aallocate,
    aclose_allocators,
    allocate,
    close_allocators,
)
from sequences.errors import (
    AllocatorClosed,
    BlocksUsedUp,
    Conflict,
    CounterBehind,
    Deadlock,
    DocumentsAhead,
    InsideTransaction,
    InvalidColumn,
    InvalidDatabase,
    InvalidNumber,
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
    StaleNumber,
)
from sequences.expressions import NextNumber
from sequences.fields import NumberField
from sequences.formats import Format, PrintedNumber
from sequences.functions import (
    adelete,
    aget_last_value,
    aget_next_value,
    aget_next_values,
    delete,
    get_last_value,
    get_next_value,
    get_next_values,
)
from sequences.guarantees import Guarantee
from sequences.ledger.adopt_numbers import AdoptNumbers
from sequences.ledger.assign_number import AssignNumber
from sequences.ledger.audit_numbers import AuditNumbers
from sequences.ledger.close_sequence import CloseSequence
from sequences.ledger.findings import Audit
from sequences.ledger.realigning import require_aligned
from sequences.ledger.void_number import VoidNumber
from sequences.periods import Calendar, Period, PeriodError
from sequences.templates import FormatError
from sequences.transactions import retry_on_conflict

__all__ = [
    "AdoptNative",
    "AdoptNumbers",
    "AllocateNumber",
    "AllocateNumbers",
    "AllocatorClosed",
    "AssignNumber",
    "Audit",
    "AuditNumbers",
    "BlockAllocator",
    "BlocksUsedUp",
    "Calendar",
    "CheckDigitError",
    "ClaimNumber",
    "CloseSequence",
    "Conflict",
    "CounterBehind",
    "Deadlock",
    "DocumentsAhead",
    "DrawNumber",
    "Format",
    "FormatError",
    "Guarantee",
    "InsideTransaction",
    "InvalidColumn",
    "InvalidDatabase",
    "InvalidNumber",
    "InvalidSequence",
    "LockBusy",
    "LockTimeout",
    "NextNumber",
    "NoTransaction",
    "NumberDocument",
    "NumberField",
    "NumberNotGivenOut",
    "NumberOnDocument",
    "NumberPending",
    "NumberVoid",
    "Period",
    "PeriodError",
    "PrintedNumber",
    "ReplenishPool",
    "ReserveBlock",
    "ReturnBlock",
    "Scheme",
    "Sequence",
    "SequenceClosed",
    "SequenceError",
    "SequenceExhausted",
    "SequenceInUse",
    "SetCounter",
    "StaleNumber",
    "StdnumMissing",
    "VoidNumber",
    "aallocate",
    "aclose_allocators",
    "adelete",
    "aget_last_value",
    "aget_next_value",
    "aget_next_values",
    "allocate",
    "check_digits",
    "close_allocators",
    "could_collide",
    "delete",
    "get_last_value",
    "get_next_value",
    "get_next_values",
    "require_aligned",
    "retry_on_conflict",
]
