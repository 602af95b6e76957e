"""The command that describes the services of a project, and checks their flow."""

from __future__ import annotations

import gc
import json
import sys
from io import StringIO
from textwrap import dedent

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import modify_settings

FILES = {
    "__init__.py": "",
    "services/__init__.py": "",
    "services/packing.py": """
        from services import Inputs, Outputs, Service, make

        class Base(Service):
            class outputs(Outputs):
                boxes: int

        class Pack(Base):
            '''Put goods into boxes.'''

            class inputs(Inputs):
                goods: int

            steps = (make("count"),)

            def count(self):
                self.outputs.boxes = self.inputs.goods // 6 + 1

        def made_in_passing():
            class Passing(Pack):
                pass

            return Passing

        kept = made_in_passing()
        NOT_A_SERVICE = 1
    """,
    "services/late.py": """
        from services import Internals, Outputs, Service, make

        class Late(Service):
            class internals(Internals):
                weight: int

            class outputs(Outputs):
                label: str

            steps = (make("weigh_twice"), make("weigh"))

            def weigh(self):
                self.internals.weight = 2

            def weigh_twice(self):
                self.internals.weight += self.internals.weight
    """,
}

PACK = """\
Pack(goods: int) -> boxes: int
Put goods into boxes.

  1  count  reads goods  sets output boxes
"""


@pytest.fixture
def depot(tmp_path, monkeypatch):
    """An app ``depot`` with three services, two of them wanting to be seen."""
    for name, text in FILES.items():
        file = tmp_path / "depot" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text))
    monkeypatch.syspath_prepend(tmp_path)
    with modify_settings(INSTALLED_APPS={"append": "depot"}):
        yield
    for name in [name for name in sys.modules if name.split(".")[0] == "depot"]:
        del sys.modules[name]
    apps.clear_cache()
    gc.collect()


def output_of(*arguments: str) -> str:
    """Run the command as from the command line, and give what it wrote."""
    out = StringIO()
    call_command("describe_services", *arguments, stdout=out)
    return out.getvalue()


def test_one_service_by_its_dotted_name(depot):
    """It prints what ``describe`` gives."""
    assert output_of("depot.services.packing.Pack") == PACK


def test_the_services_of_an_app_are_found_without_being_imported(depot):
    """Modules in its ``services`` are read; bases and classes in functions left out."""
    told = output_of("depot")
    assert told.startswith("Late() -> label: str\n")
    assert told.endswith(f"\n\n\n{PACK}")
    assert "Base" not in told
    assert "Passing" not in told


def test_all_apps_are_described(depot):
    """Without a name it looks everywhere, and our own services are there."""
    told = output_of()
    assert "AllocateNumber(" in told
    assert PACK in told


def test_check_tells_each_finding_and_ends_with_1(depot):
    """A build stops when a step reads what no earlier step sets."""
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("describe_services", "depot", "--check", stdout=out)
    assert out.getvalue() == (
        "Late: step 'weigh_twice' reads internal 'weight', which no earlier step sets. "
        "Move 'weigh_twice' below 'weigh'.\n"
        "Late: no step sets output 'label'. Set it in a step, or give it a default.\n"
    )
    assert str(refused.value) == "The flow of services has 2 findings."
    assert refused.value.returncode == 1


def test_check_is_content_with_what_is_in_order(depot):
    """One sentence, and no error."""
    told = output_of("depot.services.packing.Pack", "--check")
    assert told == "The flow of one service is in order.\n"


def test_our_own_services_are_in_order():
    """What we ship passes what we ask of others."""
    assert "is in order" in output_of("sequences", "--check")


def test_an_app_without_services_is_told():
    """An empty list is a sentence."""
    assert output_of("contenttypes") == "There are no services.\n"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("sequence", "No app 'sequence' is installed. Did you mean 'sequences'?"),
        ("depot.services.packing.NOT_A_SERVICE", "'{}' is not a service."),
        (
            "depot.services.packing.Unpack",
            (
                "There is no '{}': Module \"depot.services.packing\" does not define a "
                '"Unpack" attribute/class'
            ),
        ),
    ],
)
def test_what_is_not_there_is_refused(depot, name, sentence):
    """The sentence names it."""
    with pytest.raises(CommandError) as refused:
        output_of(name)
    assert str(refused.value) == sentence.format(name)
    assert refused.value.returncode == 2


def test_as_schema_and_as_mermaid(depot):
    """The same for other programs: one JSON document by dotted names, and charts."""
    name = "depot.services.packing.Pack"
    schema = json.loads(output_of(name, "--format=schema"))
    assert schema[name]["inputs"]["required"] == ["goods"]
    assert output_of(name, "--format=mermaid").startswith("flowchart TD\n")
