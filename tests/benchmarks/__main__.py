"""All measurements, side by side in one run: ``python -m tests.benchmarks``."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.measurements import MEASUREMENTS, shown
from tests.benchmarks.publish import publish
from tests.benchmarks.report import Record
from tests.databases import server_version


def main() -> None:
    """Measure what is asked for, or show what was measured in the documentation."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument(
        "what", nargs="*", choices=[*MEASUREMENTS, "all", "publish"], default="all"
    )
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32, 64])
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the audit")
    parser.add_argument("--json", type=Path, help="the file that keeps the results")
    options = parser.parse_args()
    if "publish" in options.what and not options.json:
        parser.error("publish needs the results: --json FILE")
    what = MEASUREMENTS if "all" in options.what else options.what
    if wanted := [name for name in MEASUREMENTS if name in what]:
        measure(wanted, options)
    if "publish" in options.what:
        publish(options.json)


def measure(wanted: list[str], options: argparse.Namespace) -> None:
    """Measure, print, and keep what was found in the file, if one is named."""
    machine = {
        "Python": platform.python_version(),
        "Django": version("django"),
        "PostgreSQL": server_version("postgresql").split()[0],
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
    }
    print(", ".join(f"{name} {value}" for name, value in machine.items()))
    print("Ratios count; absolute numbers are this machine's.\n")
    for name in wanted:
        how = MEASUREMENTS[name]
        print(how.__doc__, file=sys.stderr)
        records = dotted(how(options))
        print(shown(name, records), flush=True)
        if options.json:
            keep(options.json, {"machine": machine, name: records})


def dotted(records: Iterable[Record]) -> list[Record]:
    """Let who waits see each result arrive."""
    arrived = []
    for record in records:
        print(".", end="", file=sys.stderr, flush=True)
        arrived.append(record)
    print(file=sys.stderr)
    return arrived


def keep(file: Path, results: dict[str, object]) -> None:
    """Write results; those of other measurements stay."""
    kept = json.loads(file.read_text()) if file.exists() else {}
    lines = (f'"{name}": {json.dumps(it)}' for name, it in (kept | results).items())
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
