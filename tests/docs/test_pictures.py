"""The pictures in the documentation show the flow, all of it, and load nothing."""

from __future__ import annotations

from importlib import import_module
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

import sequences
from services import Definition, Internals, Service, make, stage, to_mermaid
from tests.docs.pages import ROOT


class Everything(Service):
    """A flow with all that a flow can have."""

    class internals(Internals):
        parts: list[int]

    steps = (
        make("collect"),
        stage(
            make("send", only_if="is_due"),
            stage(make("note", only_unless="is_due"), compensate="forget"),
            within="connection",
            recover="go_on",
            only_if="is_due",
        ),
        make("report", only_unless="is_due"),
    )

    def collect(self) -> None:
        self.internals.parts = [1]

    def send(self) -> None: ...
    def note(self) -> None: ...
    def report(self) -> None: ...
    def is_due(self) -> bool: ...
    def connection(self) -> None: ...
    def forget(self, error: BaseException) -> None: ...
    def go_on(self, error: Exception) -> None: ...


SERVICES = [
    each
    for each in map(vars(sequences).get, sequences.__all__)
    if isinstance(each, type) and issubclass(each, Service)
]


@pytest.fixture(params=[Everything, *SERVICES], ids=lambda it: it.__name__)
def definition(request) -> Definition:
    """A service of ours, and one with all there is."""
    return request.param.definition


@pytest.fixture
def drawn(definition, monkeypatch) -> ET.Element:
    """The picture of a service, read as a browser does."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    return ET.fromstring(import_module("pictures").picture(definition))  # noqa: S314


def shapes(drawn: ET.Element, tag: str) -> list[ET.Element]:
    """Give the shapes of one kind, in the order in which they are painted."""
    return drawn.findall(f"{{http://www.w3.org/2000/svg}}{tag}")


def edges(rect: ET.Element) -> tuple[float, float, float, float]:
    """Give left, top, right and bottom."""
    x, y, width, height = (float(rect.get(it)) for it in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def test_each_step_and_condition_stands_in_the_picture_in_its_order(definition, drawn):
    """Nothing of the flow is left out, and steps go from the top to the bottom."""
    told = [each.text for each in shapes(drawn, "text")]
    steps = [step.name for step in definition.steps]
    places = [
        float(each.get("y"))
        for name in steps
        for each in shapes(drawn, "text")
        if each.get("class") == "name" and each.text == name
    ]
    assert sorted(places) == places
    assert len(steps) == len(places)
    for step in definition.steps:
        assert step.only_if is None or f"if {step.only_if}" in told
        assert step.only_unless is None or f"unless {step.only_unless}" in told


def test_stages_and_what_they_recover_stand_in_the_picture(monkeypatch):
    """What is undone or forgiven is seen as well."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    text = import_module("pictures").picture(Everything.definition)
    for told in ("within connection", "compensate forget", "recover go_on", "error"):
        assert f">{told}<" in text
    assert text.count(">else<") == 4


def test_boxes_do_not_lie_on_each_other_and_none_is_cut_off(drawn):
    """All of the picture can be seen."""
    left, top, width, height = map(float, drawn.get("viewBox").split())
    rects = shapes(drawn, "rect")
    for x, y, right, bottom in map(edges, rects):
        assert left <= x
        assert top <= y
        assert right <= left + width
        assert bottom <= top + height
    on_axis = [
        it for it in rects if it.get("class") != "stage" and float(it.get("x")) < 0
    ]
    for above, below in pairwise(sorted(map(edges, on_axis), key=lambda it: it[1])):
        assert above[3] < below[1]


def test_the_picture_loads_nothing(drawn):
    """It is there without a network, and without a script."""
    assert {it.tag.rpartition("}")[2] for it in drawn.iter()} <= {
        "svg",
        "rect",
        "path",
        "text",
    }


def test_the_mermaid_text_and_the_picture_tell_the_same_steps(definition, drawn):
    """Who copies the text into another tool gets the same flow."""
    text = to_mermaid(definition)
    for step in definition.steps:
        assert f'["{step.name}' in text
