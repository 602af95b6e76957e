"""A declarative service-object layer: typed attributes, steps in a visible order."""

from services.attributes import Inputs, Internals, Outputs
from services.dataflow import Access
from services.definition import Definition
from services.describe import to_mermaid
from services.errors import (
    DefinitionError,
    DoneNotReturned,
    FrozenAttribute,
    InputError,
    InputProblem,
    InvalidAttribute,
    MissingOutputs,
    MustBeAwaited,
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
from services.logs import LoggingObserver
from services.observers import (
    ObservedRun,
    ObservedStage,
    ObservedStep,
    Observer,
    add_observer,
    observe,
    remove_observer,
)
from services.problems import problem_details
from services.result import Failure, Success
from services.schema import json_schema
from services.service import Service
from services.stepper import Stepper
from services.steps import Steps, make, stage
from services.structuring import unstructure
from services.trace import Trace

__all__ = [
    "Access",
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
    "LoggingObserver",
    "MissingOutputs",
    "MustBeAwaited",
    "ObservedRun",
    "ObservedStage",
    "ObservedStep",
    "Observer",
    "Outputs",
    "Service",
    "ServiceError",
    "ServiceFailed",
    "Stepper",
    "Steps",
    "Success",
    "Trace",
    "UndeclaredState",
    "UnexpectedReturn",
    "UnknownAttribute",
    "UnknownStep",
    "UnsetAttribute",
    "add_observer",
    "attribute",
    "json_schema",
    "make",
    "observe",
    "problem_details",
    "remove_observer",
    "stage",
    "to_mermaid",
    "unstructure",
]
