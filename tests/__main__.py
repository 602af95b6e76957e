"""Run the suite on every database and tell what was tested: `python -m tests`.

SQLite runs all tests, PostgreSQL and MariaDB those that meet a database. Arguments
go to pytest; paths below tests/ take the place of what would run.
"""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pymysql

from tests import databases

EVERYTHING = ["tests"]
WITH_A_DATABASE = [
    "tests/test_databases.py",
    "tests/sequences",
    "tests/invoicing_example",
]
NO_TESTS_COLLECTED = 5


@dataclass(kw_only=True)
class Outcome:
    """What one run of pytest came to.

    `skips` counts tests by the reason given; `note` says what no test can say.
    """

    title: str
    passed: int = 0
    failed: int = 0
    skips: Counter[str] = field(default_factory=Counter)
    note: str = ""

    def __str__(self) -> str:
        counts = f"{self.passed} passed, {self.failed} failed"
        return f"{counts}, {self.skips.total()} skipped"


def main(arguments: list[str]) -> int:
    """Run, sum up, and return the exit code: 0 only if tests ran and none failed."""
    arguments = [each for each in arguments if each != "--"]
    outcomes = [run_on(name, arguments) for name in databases.NAMES]

    print("\n" + " what was tested ".center(80, "="))
    total = Outcome(title="total")
    for outcome in outcomes:
        print(f"{outcome.title}: {outcome}")
        if outcome.note:
            print(f"    {outcome.note}")
        for reason, count in outcome.skips.most_common():
            print(f"    {count} skipped: {reason}")
        total.passed += outcome.passed
        total.failed += outcome.failed
        total.skips += outcome.skips
    print(total, flush=True)
    return 0 if total.passed and not total.failed else 1


def run_on(name: str, arguments: list[str]) -> Outcome:
    """Run pytest on one database, or tell why that could not be."""
    label = databases.LABELS[name]
    try:
        version = databases.server_version(name)
    except databases.DatabaseUnavailableError as error:
        print(f"\n{error}", flush=True)
        if name in os.environ.get("REQUIRE_DATABASES", "").split(","):
            title = f"{label} NOT TESTED, though required"
            return Outcome(title=title, failed=1, note=str(error))
        return Outcome(title=f"{label} NOT TESTED", skips=Counter([str(error)]))
    except (OSError, RuntimeError, psycopg.Error, pymysql.Error) as error:
        return Outcome(title=f"{label} NOT TESTED", failed=1, note=str(error))

    outcome = Outcome(title=f"{label} {version}")
    given = [each for each in arguments if each.startswith("tests/")]
    options = [each for each in arguments if each not in given]
    usual = EVERYTHING if name == "sqlite" else WITH_A_DATABASE
    paths = given or [each for each in usual if Path(each).exists()]
    print(f"\n{f' {outcome.title} '.center(80, '=')}", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.xml"
        code = subprocess.call(
            [sys.executable, "-m", "pytest", f"--junit-xml={report}", *options, *paths],
            env=os.environ | {"TEST_DATABASE": name},
        )
        if report.exists():
            count(ET.parse(report).iter("testcase"), outcome)  # noqa: S314  our own file
    if code not in {0, NO_TESTS_COLLECTED} and not outcome.failed:
        outcome.failed = 1
        outcome.note = f"pytest ended with exit code {code}."
    return outcome


def count(cases: Iterable[ET.Element], outcome: Outcome) -> None:
    """Add the test cases of a JUnit report to the outcome."""
    for case in cases:
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failed += 1
        elif skip is not None:
            outcome.skips[skip.get("message") or "no reason given"] += 1
        else:
            outcome.passed += 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
