"""A service as text, as a picture, and as JSON Schema."""

import dataclasses
import json
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, Literal, TypeVar

import attrs
import pytest

from services import (
    Inputs,
    Internals,
    Outputs,
    Service,
    attribute,
    json_schema,
    make,
    stage,
    to_mermaid,
    unstructure,
)


class Counter: ...


class AllocateNumber(Service):
    """
    Take the next number of a sequence,
    without a gap.

    More that is not shown.
    """

    class inputs(Inputs):
        sequence: Counter | str
        nowait: bool = False

    class internals(Internals):
        counter: Counter
        next: int

    class outputs(Outputs):
        value: int

    steps = (
        make("validate"),
        make("advance", only_if="in_one_statement"),
        stage(
            make("lock"),
            within="transaction",
            recover="give_up",
            compensate="undo",
            only_unless="in_one_statement",
        ),
        make("assign"),
    )

    def validate(self):
        self.internals.counter = find(self.inputs.sequence)

    def advance(self):
        self.internals.next = self.internals.counter.advance()

    def lock(self):
        self.internals.next = self.internals.counter.lock(self.inputs.nowait)

    def assign(self):
        self.outputs.value = self.internals.next

    def in_one_statement(self):
        return self.internals.counter.advances_in_one_statement

    def transaction(self): ...

    def give_up(self, error): ...

    def undo(self, error): ...


def find(sequence):
    """Stand for a function that a step calls."""


def test_the_contract_and_the_flow_fit_a_screen():
    """Stages, conditions, what is read and set: each in its column."""
    assert AllocateNumber.describe() == (
        "AllocateNumber(sequence: Counter | str, nowait: bool = False) -> value: int\n"
        "Take the next number of a sequence, without a gap.\n"
        "\n"
        "  1  validate                       reads sequence         sets counter\n"
        "  2  advance   if in_one_statement  reads counter          sets next\n"
        "  within transaction, recover give_up, compensate undo, "
        "unless in_one_statement\n"
        "    3  lock                         reads counter, nowait  sets next\n"
        "  4  assign                         reads next             "
        "sets output value"
    )


class Search(Service):
    """Look here, or there."""

    class inputs(Inputs):
        key: str

    class outputs(Outputs):
        place: str
        is_new: bool

    steps = (
        make("here"),
        stage(make("there"), recover="give_up"),
    )

    def here(self):
        if self.inputs.key:
            return self.found("here")
        return None

    def found(self, place):
        self.outputs.place = place
        self.outputs.is_new = False
        return self.done()

    def there(self):
        self.outputs.place = "there"
        self.outputs.is_new = True

    def give_up(self, _error):
        self.outputs.place = ""
        return self.done()


def test_where_the_run_may_end_early_is_told():
    """Also where a helper of the step calls done()."""
    assert Search.describe().splitlines()[3:] == [
        "  1  here     reads key  sets outputs place, is_new; may end the run",
        "  recover give_up",
        "    2  there             sets outputs place, is_new",
    ]


def test_the_picture_shows_early_ends():
    """An arrow leads from there to the end, past all that is left."""
    lines = [line.strip() for line in to_mermaid(Search.definition).splitlines()]
    assert lines[-3:] == [
        "recover2 --> done",
        'step1 -. "done" .-> done',
        'recover2 -. "done" .-> done',
    ]


def test_what_is_wrong_is_told_at_the_end():
    """The finding stands where the reader is when he has read the flow."""

    class Wrong(AllocateNumber):
        class outputs(AllocateNumber.outputs):
            more: str

    assert Wrong.describe().splitlines()[-2:] == [
        "",
        "Wrong: no step sets output 'more'. Set it in a step, or give it a default.",
    ]


def test_a_long_contract_takes_a_line_an_input():
    """Defaults are shown short, factories called, sensitive ones masked."""

    class Long(Service):
        class inputs(Inputs):
            a_rather_long_name: list[str] = attribute(factory=list)
            another_long_name: date = attribute(factory=lambda: date(2026, 1, 1))
            password: str = attribute(default="x", sensitive=True, alias="word")

        steps = (make("hand_on"),)

        def hand_on(self):
            print(self.inputs)

    assert Long.describe() == (
        "Long(\n"
        "    a_rather_long_name: list[str] = list(),\n"
        "    another_long_name: date = ...(),\n"
        "    word: str = ***,\n"
        ")\n"
        "\n"
        "  1  hand_on  hands on inputs"
    )


def test_a_name_of_two_layers_is_told_apart():
    """An input and an internal of one name are shown with their layers."""

    class Twice(Service):
        class inputs(Inputs):
            n: int

        class internals(Internals):
            n: int

        class outputs(Outputs):
            n: int

        steps = (make("one"), make("two"))

        def one(self):
            self.internals.n = self.inputs.n

        def two(self):
            self.outputs.n = self.internals.n

    assert Twice.describe().splitlines()[-2:] == [
        "  1  one  reads inputs.n     sets n",
        "  2  two  reads internals.n  sets output n",
    ]


def test_a_service_of_nothing_can_be_described():
    """No step, no input, no output: the name is left."""

    class Nothing(Service):
        pass

    assert Nothing.describe() == "Nothing()"


def test_the_picture_shows_conditions_stages_and_recoveries():
    """Every arrow leads on to where the run goes."""
    assert to_mermaid(AllocateNumber.definition) == (
        "flowchart TD\n"
        '    begin(["AllocateNumber"])\n'
        '    step1["validate<br/>sets counter"]\n'
        "    begin --> step1\n"
        '    if2{"in_one_statement?"}\n'
        "    step1 --> if2\n"
        '    step2["advance<br/>sets next"]\n'
        '    if2 -- "yes" --> step2\n'
        '    if3{"in_one_statement?"}\n'
        "    step2 --> if3\n"
        '    if2 -- "no" --> if3\n'
        '    subgraph stage3 ["within transaction, compensate undo"]\n'
        '        step4["lock<br/>sets next"]\n'
        '        if3 -- "no" --> step4\n'
        "    end\n"
        '    recover3["recover give_up"]\n'
        '    stage3 -. "error" .-> recover3\n'
        '    step5["assign<br/>sets value"]\n'
        "    step4 --> step5\n"
        "    recover3 --> step5\n"
        '    if3 -- "yes" --> step5\n'
        '    done(["value"])\n'
        "    step5 --> done"
    )


class Colour(Enum):
    RED = "red"


@attrs.frozen
class Line:
    article: str
    next: "Line | None" = None


class Order(Service):
    class inputs(Inputs):
        lines: list[Line] = attribute(doc="What is ordered.")
        by: date
        price: Decimal = Decimal(1)
        counter: Counter | str = ""
        own: Counter | None = None
        colour: Colour | Literal[1, "x"] = 1
        pair: tuple[int, bool] | None = None
        facts: dict[str, float] = attribute(factory=dict)
        tags: frozenset[str] = frozenset()
        anything: object = None
        token: str = attribute(default="secret", sensitive=True, alias="key")

    class outputs(Outputs):
        count: int
        price: Decimal = Decimal(1)

    steps = (make("tally"),)

    def tally(self):
        self.outputs.count = len(self.inputs.lines)


DECIMAL = {"type": "string", "pattern": r"^[+-]?[0-9]{1,30}(\.[0-9]{1,30})?$"}


def test_json_schema_tells_what_structure_takes():
    """Each type is written as data, by the name under which it is given."""
    schema = json_schema(Order.definition)["inputs"]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == "Order inputs"
    assert schema["required"] == ["lines", "by"]
    assert schema["additionalProperties"] is False
    assert schema["properties"] == {
        "lines": {
            "type": "array",
            "items": {"$ref": "#/$defs/Line"},
            "description": "What is ordered.",
        },
        "by": {"type": "string", "format": "date"},
        "price": {"anyOf": [DECIMAL, {"type": "integer"}]},
        "counter": {"type": "string", "default": ""},
        "own": {"type": "null", "default": None},
        "colour": {"anyOf": [{"enum": ["red"]}, {"enum": [1, "x"]}], "default": 1},
        "pair": {
            "anyOf": [
                {
                    "type": "array",
                    "prefixItems": [{"type": "integer"}, {"type": "boolean"}],
                    "items": False,
                    "minItems": 2,
                },
                {"type": "null"},
            ],
            "default": None,
        },
        "facts": {"type": "object", "additionalProperties": {"type": "number"}},
        "tags": {"type": "array", "items": {"type": "string"}},
        "anything": {"default": None},
        "key": {"type": "string", "writeOnly": True},
    }
    assert schema["$defs"]["Line"] == {
        "type": "object",
        "properties": {
            "article": {"type": "string"},
            "next": {
                "anyOf": [{"$ref": "#/$defs/Line"}, {"type": "null"}],
                "default": None,
            },
        },
        "additionalProperties": False,
        "required": ["article"],
    }


@dataclasses.dataclass(frozen=True)
class Parcel:
    article: str
    weight: int = 1
    labels: list[str] = dataclasses.field(default_factory=list)


def test_json_schema_knows_dataclasses():
    """They are data as attrs classes are."""

    class Send(Service):
        class inputs(Inputs):
            parcel: Parcel

    schema = json_schema(Send.definition)["inputs"]
    assert schema["properties"] == {"parcel": {"$ref": "#/$defs/Parcel"}}
    assert schema["$defs"]["Parcel"] == {
        "type": "object",
        "properties": {
            "article": {"type": "string"},
            "weight": {"type": "integer", "default": 1},
            "labels": {"type": "array", "items": {"type": "string"}},
        },
        "additionalProperties": False,
        "required": ["article"],
    }


def test_json_schema_tells_what_unstructure_gives():
    """Outputs are written under the same rules, and all of it is JSON."""
    schemas = json_schema(Order.definition)
    assert schemas["outputs"]["properties"] == {
        "count": {"type": "integer"},
        "price": DECIMAL,
    }
    json.dumps(schemas)
    data = {"lines": [{"article": "tea", "next": None}], "by": "2026-11-21"}
    inputs = Order.inputs.structure(data)
    assert unstructure(Order.run_with(inputs)) == {"count": 1, "price": "1"}


def test_what_is_no_data_fits_nothing():
    """A caller learns from the schema that he cannot send it."""

    class Takes(Service):
        class inputs(Inputs):
            counter: Counter

    assert json_schema(Takes.definition)["inputs"]["properties"] == {
        "counter": {"not": {}, "$comment": "Counter is no data"}
    }


@pytest.mark.parametrize("service", [AllocateNumber, Order])
def test_describing_runs_nothing(service):
    """No instance is made, and no step is called."""
    assert service.describe() == service.describe()


def test_classes_of_one_name_are_written_apart():
    """A line of an order and a line of a text are two schemas."""
    line_of_text = attrs.make_class("Line", {"text": attrs.field(type=str)})

    class Both(Service):
        class outputs(Outputs):
            order: list[Line] = attribute(factory=list)
            text: list[line_of_text] = attribute(factory=list)

    written = json_schema(Both.definition)["outputs"]
    items = {name: each["items"] for name, each in written["properties"].items()}
    assert items == {
        "order": {"$ref": "#/$defs/Line"},
        "text": {"$ref": "#/$defs/Line2"},
    }
    assert list(written["$defs"]["Line"]["properties"]) == ["article", "next"]
    assert list(written["$defs"]["Line2"]["properties"]) == ["text"]


T = TypeVar("T")


@attrs.frozen
class Page(Generic[T]):
    items: list[T]
    first: T


def test_a_generic_class_is_written_with_its_arguments():
    """A page of lines is another schema than a page of numbers."""

    class Show(Service):
        class outputs(Outputs):
            lines: Page[Any]
            numbers: Page[object]

    written = json_schema(Show.definition)["outputs"]
    assert written["properties"]["lines"] == {"$ref": "#/$defs/Page_Any"}
    assert written["$defs"]["Page_Any"]["properties"] == {
        "items": {"type": "array", "items": {}},
        "first": {},
    }
