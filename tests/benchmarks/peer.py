"""django-sequences, in a folder of its own: it has the import name of ours."""

import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

VERSION = "3.1"


@cache
def peer_path() -> str:
    """Install the peer beside everything, once a run; give the folder to put first."""
    folder = Path(tempfile.mkdtemp(prefix="seriatim-peer-"))
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
            *("--disable-pip-version-check", "--target", str(folder)),
            f"django-sequences=={VERSION}",
        ],
        check=True,
    )
    return str(folder)
