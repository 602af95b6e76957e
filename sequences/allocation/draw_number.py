"""A number of the database's own sequence: the fastest, with a gap for a rollback."""

from sequences import native
from sequences.counters import home_of
from sequences.definitions import Sequence
from sequences.guarantees import Guarantee
from services import Inputs, Internals, Outputs, Service, attribute, make


class DrawNumber(Service):
    """
    Draw the next number of the database's own sequence of the same name.

    The number is gone, whether or not the caller's transaction commits. How it counts
    is up to the database's sequence, which must exist.

    :raises InvalidSequence: if the sequence is not declared as NATIVE, or the database
        has none of that name, or none at all.
    :raises DatabaseError: if it has reached its end.

    .. versionadded:: 0.1
    """

    class inputs(Inputs):
        sequence: Sequence = attribute(doc="A sequence declared as NATIVE.")

    class internals(Internals):
        using: str

    class outputs(Outputs):
        value: int

    steps = (make("validate"), make("draw"))

    def validate(self) -> None:
        """Find the database."""
        self.inputs.sequence.require(Guarantee.NATIVE)
        using = home_of(self.inputs.sequence)
        self.internals.using = using

    def draw(self) -> None:
        """Draw."""
        name = self.inputs.sequence.sequence_name
        self.outputs.value = native.draw(name, self.internals.using)
