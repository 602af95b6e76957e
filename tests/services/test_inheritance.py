"""A subclass extends attributes, replaces steps by redefining, places new by name."""

import pytest

from services import InputError, Inputs, Internals, Outputs, Service, make, stage


class Issue(Service):
    class inputs(Inputs):
        log: list[str]
        total: int = 1

    class internals(Internals):
        tax: int = 0

    class outputs(Outputs):
        number: int

    steps = (make("check"), stage(make("number"), make("save")), make("send"))

    def act(self, name):
        self.inputs.log.append(name)

    def check(self):
        self.act("check")

    def number(self):
        self.act("number")
        self.outputs.number = self.inputs.total

    def save(self):
        self.act("save")

    def send(self):
        self.act("send")


def log_of(service, **given):
    """Run, and give the names of what ran."""
    log = []
    service.run(log=log, **given)
    return log


def test_a_redefined_method_replaces_the_step():
    """The order stays, the method of the subclass runs, and super() works."""

    class Loud(Issue):
        def save(self):
            self.act("SAVE")
            super().save()

    assert log_of(Loud) == ["check", "number", "SAVE", "save", "send"]
    assert log_of(Issue) == ["check", "number", "save", "send"]


def test_new_steps_come_last_unless_they_are_placed():
    """Without before= and after= a new step goes behind all inherited ones."""

    class More(Issue):
        steps = (
            make("last"),
            make("first", before="check"),
            make("inside", after="number"),
            stage(make("staged"), before="send"),
        )

        def first(self):
            self.act("first")

        def inside(self):
            self.act("inside")

        def staged(self):
            self.act("staged")

        def last(self):
            self.act("last")

    assert [step.name for step in More.definition.steps] == [
        "first",
        "check",
        "number",
        "inside",
        "save",
        "staged",
        "send",
        "last",
    ]
    assert log_of(More) == [step.name for step in More.definition.steps]


def test_a_step_placed_beside_one_of_a_stage_joins_the_stage():
    """What goes behind a step inside a transaction is inside it as well."""

    class Joined(Issue):
        steps = (make("inside", after="save"),)

        def inside(self): ...

    inner = Joined.definition.flow[1]
    assert [node.name for node in inner.nodes] == ["number", "save", "inside"]


def test_a_nested_class_extends_its_parents():
    """Inherited attributes stay, with their defaults; new ones are added."""

    class Dated(Issue):
        class inputs(Issue.inputs):
            day: str

    with pytest.raises(InputError) as refused:
        Dated.run(total="1")
    assert [str(problem) for problem in refused.value.problems] == [
        "log is missing (list[str])",
        "total must be int, got str '1'",
        "day is missing (str)",
    ]
    assert log_of(Dated, day="Monday")[0] == "check"


def test_attributes_are_inherited_without_a_word():
    """A subclass that declares no layer has its parent's."""

    class Same(Issue): ...

    assert Same.inputs is Issue.inputs
    assert Same.run(log=[]).number == 1


def test_redefining_an_attribute_replaces_its_type():
    """Only the subclass's declaration counts."""

    class Texts(Issue):
        class inputs(Issue.inputs):
            total: str

        def number(self):
            self.outputs.number = len(self.inputs.total)

    assert Texts.run(log=[], total="three").number == 5
    with pytest.raises(InputError) as refused:
        Texts.run(log=[], total=3)
    assert str(refused.value) == (
        "Texts refuses its inputs, one problem:\n  total must be str, got int 3"
    )


def test_a_mixin_brings_steps_and_methods():
    """Steps are gathered along the MRO, each class's once, in a diamond too."""

    class Audited:
        steps = (make("audit"),)

        def audit(self):
            self.act("audit")

    class Left(Audited, Issue): ...

    class Right(Issue):
        steps = (make("right"),)

        def right(self):
            self.act("right")

    class Both(Left, Right): ...

    assert log_of(Left)[-1] == "audit"
    assert [step.name for step in Both.definition.steps] == [
        "check",
        "number",
        "save",
        "send",
        "right",
        "audit",
    ]


def test_the_subclass_runs_with_its_parents_inputs_refused():
    """Inputs of the parent class are not inputs of a subclass that adds to them."""

    class Dated(Issue):
        class inputs(Issue.inputs):
            day: str = ""

    assert Issue.run_with(Dated.inputs(log=[])).number == 1
    with pytest.raises(TypeError):
        Dated.run_with(Issue.inputs(log=[]))


def test_the_definition_is_read_from_the_class_once():
    """Introspection is frozen data about the class, and the same each time."""
    definition = Issue.definition
    assert definition is Issue.definition
    assert (definition.name, definition.doc) == ("Issue", "")
    assert definition.inputs is Issue.inputs
    assert definition.internals is Issue.internals
    assert definition.outputs is Issue.outputs
    assert definition.place_of("save") == "3 of 4"
    with pytest.raises(AttributeError):
        definition.name = "Other"


def test_a_part_of_the_inputs_may_be_written_beside_them():
    """A class of inputs with another name, that the inputs mention."""

    class Order(Service):
        class Line(Inputs):
            quantity: int

        class inputs(Inputs):
            lines: "list[Line]"  # noqa: F821 - in the class body around

    assert Order.inputs(lines=[Order.Line(quantity=2)]).lines[0].quantity == 2
