"""Refusals as problem details, as RFC 9457 has APIs tell of them."""

from __future__ import annotations

from typing import Any

from services.errors import InputError, ServiceFailed


def problem_details(error: InputError | ServiceFailed) -> dict[str, Any]:
    """
    Give the members of an ``application/problem+json`` answer (RFC 9457).

    Refused inputs have status 422, and a list ``errors`` of ``path``, ``code`` and
    ``detail``. A failure has status 409 and its ``code``; its facts are left out, since
    they may not be for everyone: add those that are. There is no ``type``, so ``title``
    says what the status does (section 4.2.1).

    .. versionadded:: 0.1
    """
    if isinstance(error, ServiceFailed):
        return {
            "title": "Conflict",
            "status": 409,
            "detail": error.message,
            "code": error.code,
        }
    return {
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "The inputs are refused.",
        "errors": [
            {"path": each.path, "code": each.code, "detail": each.message}
            for each in error.problems
        ],
    }
