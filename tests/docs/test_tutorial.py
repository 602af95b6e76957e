"""The tutorial, followed in an empty directory, command by command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.docs.conftest import TUTORIAL
from tests.docs.pages import ROOT, Block, assert_same, blocks_of, commands_in

# What the reader does once, and this environment has behind it.
SET_UP = ("python -m venv ", ". .venv/", "pip install ")


def test_the_tutorial_can_be_followed(tmp_path: Path):
    """From an empty directory to a tested service: each step works as it is told."""
    for block in blocks_of(TUTORIAL):
        where = f"{TUTORIAL.name}:{block.line}"
        if block.file is not None:
            file = tmp_path / block.file
            with file.open("a" if block.is_addition else "w") as out:
                out.write(block.text)
        elif block.language == "python":
            shell = ["python", "manage.py", "shell", "--verbosity=0"]
            told = block.output
            assert_same(told, output_of(shell, tmp_path, block.text), where)
        elif block.language == "console":
            follow(block, tmp_path, where)


def follow(block: Block, directory: Path, where: str) -> None:
    """Run the commands of a block, and compare what they print where it is told."""
    for command, told in commands_in(block):
        if not command.startswith(SET_UP):
            real = output_of(["sh", "-c", command], directory)
            if told:
                assert_same(told, real, where)


def output_of(command: list[str], directory: Path, text: str | None = None) -> str:
    """Run a command as the reader would; give what it prints to the terminal."""
    # Not this process's own settings; and the programs of this environment.
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": programs, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        command,
        cwd=directory,
        env=environment,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}"
    return done.stdout
