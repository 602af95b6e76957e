"""What type checkers infer, and what they refuse, is what tests/typing says."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def checker(name: str) -> str:
    """Find a checker beside this Python: another one sees other packages; or skip."""
    beside = Path(sys.executable).with_name(name)
    if not beside.exists():
        pytest.skip(f"{name} is not installed: pip install {name}")
    return str(beside)


def errors_of(*command: str) -> str:
    """Run a checker; give what it has to say, or nothing if it is content."""
    ended = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=ROOT
    )
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr


def test_mypy_infers_and_refuses_without_a_plugin(tmp_path: Path):
    """Plain mypy --strict agrees with every line of tests/typing."""
    config = ["--config-file", "tests/typing/mypy.ini", "--cache-dir", str(tmp_path)]
    assert errors_of(checker("mypy"), *config, "tests/typing") == ""


def test_pyright_infers_and_refuses():
    """Pyright, in strict mode, agrees with every line of tests/typing."""
    assert errors_of(checker("basedpyright")) == ""
