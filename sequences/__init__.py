"""Gapless numbers for Django; a superset of django-sequences under its names."""

from sequences.allocation.adopt_native import AdoptNative
from sequences.allocation.allocate_number import AllocateNumber
from sequences.allocation.allocate_numbers import AllocateNumbers
from sequences.allocation.claim_number import ClaimNumber
from sequences.allocation.draw_number import DrawNumber
from sequences.allocation.number_pending import NumberPending
from sequences.allocation.replenish_pool import ReplenishPool
from sequences.allocation.reserve_block import ReserveBlock
from sequences.allocation.return_block import ReturnBlock
from sequences.allocation.set_counter import SetCounter
from sequences.blocks import BlockAllocator
from sequences.definitions import Sequence
from sequences.dispatch import allocate, close_allocators
from sequences.errors import (
    AllocatorClosed,
    BlocksUsedUp,
    Conflict,
    CounterBehind,
    Deadlock,
    InsideTransaction,
    InvalidSequence,
    LockBusy,
    LockTimeout,
    NoTransaction,
    SequenceError,
    SequenceExhausted,
)
from sequences.functions import (
    delete,
    get_last_value,
    get_next_value,
    get_next_values,
)
from sequences.guarantees import Guarantee
from sequences.transactions import retry_on_conflict

__all__ = [
    "AdoptNative",
    "AllocateNumber",
    "AllocateNumbers",
    "AllocatorClosed",
    "BlockAllocator",
    "BlocksUsedUp",
    "ClaimNumber",
    "Conflict",
    "CounterBehind",
    "Deadlock",
    "DrawNumber",
    "Guarantee",
    "InsideTransaction",
    "InvalidSequence",
    "LockBusy",
    "LockTimeout",
    "NoTransaction",
    "NumberPending",
    "ReplenishPool",
    "ReserveBlock",
    "ReturnBlock",
    "Sequence",
    "SequenceError",
    "SequenceExhausted",
    "SetCounter",
    "allocate",
    "close_allocators",
    "delete",
    "get_last_value",
    "get_next_value",
    "get_next_values",
    "retry_on_conflict",
]
