"""What ``attempt`` gives: one of two, made for ``match``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from attrs import frozen

if TYPE_CHECKING:
    from services.errors import ServiceFailed

O_co = TypeVar("O_co", covariant=True)


@frozen
class Success(Generic[O_co]):
    """
    The run came to its end.

    :ivar outputs: the finished outputs.

    .. versionadded:: 0.1
    """

    outputs: O_co


@frozen
class Failure:
    """
    The run ended in a declared failure, and left nothing behind.

    :ivar error: what was declared, with its code and facts.

    .. versionadded:: 0.1
    """

    error: ServiceFailed
