"""Refusals, as APIs tell of them."""

import json

import pytest

from services import (
    InputError,
    Inputs,
    Service,
    ServiceFailed,
    attribute,
    make,
    problem_details,
)


class Weigh(Service):
    class inputs(Inputs):
        weights: list[int]
        token: str = attribute(default="", sensitive=True)

    steps = (make("refuse"),)

    def refuse(self) -> None:
        self.fail("Too heavy.", code="too_heavy", most=30, secret=object())


def test_each_problem_with_the_inputs_is_told_by_its_path():
    """A client can put each message where it belongs."""
    with pytest.raises(InputError) as refused:
        Weigh.inputs.structure({"weights": [1, "2"], "wieghts": []})
    assert problem_details(refused.value) == {
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "The inputs are refused.",
        "errors": [
            {
                "path": "weights[1]",
                "code": "type",
                "detail": "must be int, got str '2'",
            },
            {
                "path": "wieghts",
                "code": "unknown",
                "detail": "is not an input. Did you mean 'weights'?",
            },
        ],
    }


def test_a_failure_is_told_without_its_facts():
    """Facts may be secret, or no data: nothing leaves that nobody let out."""
    with pytest.raises(ServiceFailed) as failed:
        Weigh.run(weights=[31])
    details = problem_details(failed.value)
    assert details == {
        "title": "Conflict",
        "status": 409,
        "detail": "Too heavy.",
        "code": "too_heavy",
    }
    json.dumps(details)


def test_a_sensitive_value_is_not_told():
    """An answer is read by more than the one who asked."""
    with pytest.raises(InputError) as refused:
        Weigh.inputs.structure({"weights": [], "token": 81723})
    assert "81723" not in json.dumps(problem_details(refused.value))
