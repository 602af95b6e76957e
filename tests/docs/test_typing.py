"""A service written as the tutorial says needs no plugin and no ignore."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks_of

TUTORIAL = ROOT / "docs/tutorial/first-service.md"

COMMANDS = {
    "mypy": ["--strict", "--config-file=", "--cache-dir=cache", "parcels.py"],
    "basedpyright": ["--pythonpath", sys.executable],
}

IN_STRICT_MODE = {
    "typeCheckingMode": "strict",
    "include": ["parcels.py"],
    "extraPaths": [str(ROOT)],
}

REVEALED = """
reveal_type(PriceParcel.run(weight_kg=Decimal(2)).price)
PriceParcel.run(weight_kg=2.5)
PriceParcel.run(weight=Decimal(2))
"""


@pytest.mark.parametrize("checker", COMMANDS)
def test_types_are_inferred_of_what_the_tutorial_shows(checker: str, tmp_path: Path):
    """The checker is content with the file, and knows what run takes and gives."""
    program = shutil.which(checker, path=Path(sys.executable).parent)
    if program is None:
        pytest.skip(f"{checker} is not installed: pip install {checker}")
    [*_, source] = [block.text for block in blocks_of(TUTORIAL) if block.file]
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(IN_STRICT_MODE))

    (tmp_path / "parcels.py").write_text(source)
    assert _errors(checker, program, tmp_path) == []

    (tmp_path / "parcels.py").write_text(source + REVEALED)
    end = len((source + REVEALED).splitlines())
    assert _errors(checker, program, tmp_path) == [end - 1, end]


def _errors(checker: str, program: str, directory: Path) -> list[int]:
    """Give the lines that a checker complains about, each once."""
    done = subprocess.run(
        [program, *COMMANDS[checker]],
        cwd=directory,
        env={"MYPYPATH": str(ROOT), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    if "reveal" in done.stdout:
        assert re.search(r'(Revealed type|Type of).*Decimal"', done.stdout)
    told = re.findall(r"parcels\.py:(\d+):.*\berror\b", done.stdout)
    assert told or done.returncode == 0, done.stdout + done.stderr
    return sorted({int(line) for line in told})
