"""attempt: a declared failure as a value, and nothing else."""

import pickle

import pytest

from services import (
    Failure,
    InputError,
    Inputs,
    Outputs,
    Service,
    ServiceFailed,
    Success,
    make,
)


class OutOfStock(ServiceFailed):
    """A failure of its own type."""


class Reserve(Service):
    class inputs(Inputs):
        error: type[Exception] | None = None

    class outputs(Outputs):
        error: str = "an output may be called like anything"

    steps = (make("reserve"),)

    def reserve(self):
        if self.inputs.error is not None:
            raise self.inputs.error("none left")


def test_a_success_holds_the_outputs():
    """What run gives, attempt gives inside a Success."""
    match Reserve.attempt():
        case Success(outputs):
            assert outputs == Reserve.run()
        case Failure():
            pytest.fail("it succeeded")


@pytest.mark.parametrize("kind", [ServiceFailed, OutOfStock])
def test_a_declared_failure_becomes_a_failure(kind):
    """ServiceFailed and its subclasses are captured, the very exception."""
    match Reserve.attempt(error=kind):
        case Failure(error):
            assert type(error) is kind
            assert str(error) == "none left"
            assert error.__notes__[0] == "  Reserve > reserve (1 of 1)"
        case Success():
            pytest.fail("it failed")


@pytest.mark.parametrize("kind", [ValueError, OSError, AssertionError, RuntimeError])
def test_an_accident_is_raised(kind):
    """Whatever was not declared by fail leaves attempt as an exception."""
    with pytest.raises(kind, match="none left"):
        Reserve.attempt(error=kind)


def test_refused_inputs_are_raised():
    """Misuse of the contract is never a Failure."""
    with pytest.raises(InputError) as refused:
        Reserve.attempt(eror=None)
    assert str(refused.value) == (
        "Reserve refuses its inputs, one problem:\n"
        "  eror is not an input. Did you mean 'error'?"
    )


def test_a_failure_of_an_inner_service_is_the_outers_failure():
    """A failure crosses services as itself, without a wrapper."""

    class Order(Service):
        steps = (make("reserve"),)

        def reserve(self):
            Reserve.run(error=OutOfStock)

    result = Order.attempt()
    assert isinstance(result, Failure)
    assert type(result.error) is OutOfStock
    assert result.error.__notes__[0] == (
        "  Order > reserve (1 of 1) > Reserve > reserve (1 of 1)"
    )


def test_results_are_frozen_values():
    """Success and Failure compare by what they hold, and survive pickle."""
    first, second = Reserve.attempt(), Reserve.attempt()
    assert first == second
    with pytest.raises(AttributeError):
        first.outputs = None
    assert pickle.loads(pickle.dumps(first)) == first  # noqa: S301 - our own
    failure = Reserve.attempt(error=OutOfStock)
    sent = pickle.loads(pickle.dumps(failure))  # noqa: S301 - our own
    assert isinstance(sent, Failure)
    assert type(sent.error) is OutOfStock
    assert sent.error.__notes__ == failure.error.__notes__
