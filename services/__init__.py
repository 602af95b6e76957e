"""A declarative service-object layer: typed attributes, steps in a visible order."""

from services.attributes import Inputs, Internals, Outputs
from services.definition import Definition
from services.errors import (
    DefinitionError,
    DoneNotReturned,
    FrozenAttribute,
    InputError,
    InputProblem,
    InvalidAttribute,
    MissingOutputs,
    ServiceError,
    ServiceFailed,
    UndeclaredState,
    UnexpectedReturn,
    UnknownAttribute,
    UnknownStep,
    UnsetAttribute,
)
from services.execution import Done
from services.fields import attribute
from services.limits import Limits
from services.result import Failure, Success
from services.service import Service
from services.stepper import Stepper
from services.steps import Steps, make, stage
from services.structuring import unstructure

__all__ = [
    "Definition",
    "DefinitionError",
    "Done",
    "DoneNotReturned",
    "Failure",
    "FrozenAttribute",
    "InputError",
    "InputProblem",
    "Inputs",
    "Internals",
    "InvalidAttribute",
    "Limits",
    "MissingOutputs",
    "Outputs",
    "Service",
    "ServiceError",
    "ServiceFailed",
    "Stepper",
    "Steps",
    "Success",
    "UndeclaredState",
    "UnexpectedReturn",
    "UnknownAttribute",
    "UnknownStep",
    "UnsetAttribute",
    "attribute",
    "make",
    "stage",
    "unstructure",
]
