"""What is public is documented, and what the code points at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sequences
import sequences.errors
import services
import services.errors
from sequences.guarantees import LADDER, Guarantee
from tests.docs.pages import PAGES, ROOT

REFERENCE = ROOT / "docs/reference"
CHECKS = ROOT / "sequences/checks"
DOCUMENTED = re.compile(
    r"^\s*\.\. (?:auto\w+|py:data|currentmodule|module):: *([\w.]+)", re.MULTILINE
)


def documented(page: str, package: str) -> set[str]:
    """Give the public names of a package that a page of the reference shows."""
    shown: set[str] = set()
    module = ""
    source = (REFERENCE / page).read_text()
    for match in DOCUMENTED.finditer(source):
        if "module::" in match[0]:
            module = match[1]
        elif module == package:
            shown.add(match[1])
    return shown


@pytest.mark.parametrize("package", [services, sequences], ids=lambda it: it.__name__)
def test_each_public_name_is_in_the_reference(package):
    """Nobody has to read our source to find what there is."""
    name = package.__name__
    shown = documented(f"{name}.md", name) | documented("errors.md", name)
    assert set(package.__all__) - shown == set()


@pytest.mark.parametrize("package", [services, sequences], ids=lambda it: it.__name__)
def test_each_error_has_an_entry(package):
    """Who meets an error finds what it means, and what to do."""
    errors = {
        name
        for name, it in vars(package.errors).items()
        if isinstance(it, type)
        and issubclass(it, Exception)
        and it.__module__ == package.errors.__name__
        and not name.startswith("_")
    }
    assert errors - documented("errors.md", package.__name__) == set()


def test_each_check_has_the_section_that_its_hint_names():
    """The id in a terminal leads to the section, here and where pages are browsed."""
    source = "".join(file.read_text() for file in CHECKS.glob("*.py"))
    ids = set(re.findall(r'"(sequences\.[EWI]\d{3})"', source))
    page = (REFERENCE / "checks.md").read_text()
    headings = set(re.findall(r"^## (.+)$", page, re.MULTILINE))
    assert headings == {check.replace(".", " ") for check in ids}
    assert ids == set(re.findall(r"^\*\*`(sequences\.\w+)`", page, re.MULTILINE))


@pytest.mark.parametrize("rung", Guarantee, ids=lambda it: it.name)
def test_each_guarantee_has_its_page(rung: Guarantee):
    """What it promises is read from the ladder; the page tells when, and what then."""
    page = (ROOT / f"docs/guarantees/{rung.value}.md").read_text()
    assert page.startswith(f"# {rung.name}\n\n```{{promise}} {rung.name}\n```\n")
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert headings[:4] == [
        "When",
        "Take a number",
        "After a rollback, or a crash",
        "Cost",
    ]
    assert rung in LADDER


def test_each_page_is_in_the_table_of_contents():
    """A page that nobody can reach is not written."""
    index = (ROOT / "docs/index.md").read_text()
    for page in PAGES[1:]:
        assert f"\n{page.parent.name}/{page.stem}\n" in index


@pytest.mark.parametrize(
    "page", [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], ids=lambda p: p.name
)
def test_each_link_within_the_project_leads_somewhere(page: Path):
    """A link to a file of ours names one, and an anchor in it is a heading there."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        assert "://" not in target, f"{page.name} links to another place: {target}"
        file, _, anchor = target.partition("#")
        goal = (page.parent / file) if file else page
        assert goal.exists(), f"{page.name} links to nothing: {target}"
        if anchor:
            titles = re.findall(r"^#+ (.+)$", goal.read_text(), re.MULTILINE)
            assert anchor in map(slug, titles), f"{page.name}: no heading {target}"


def slug(title: str) -> str:
    """Give the anchor of a heading, as browsers of repositories make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
