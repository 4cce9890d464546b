"""Runs the parts of `make check` and `make test`, one after the other, and says what each took.

Every part runs to its end, so that one look shows all that is wrong; the exit code is 1 if any failed. The tests write
a JUnit file, out of which the skipped ones are listed with their reasons. With MUTIRAO_NO_SKIP=1 a skip is a failure.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parents[2]
LAYERS = "tests/test_imports.py"
HOUSE = (
    "tests/test_tidy.py",
    "tests/test_mirror.py",
    "tests/test_packaging.py",
    "tests/test_docs.py",
)


class Part(NamedTuple):
    """One command of the run."""

    name: str
    command: tuple[str, ...]
    tests: bool = False


class Result(NamedTuple):
    """How a part ended."""

    name: str
    seconds: float
    passed: bool
    skipped: tuple[tuple[str, str], ...]


def tool(name: str, *arguments: str) -> tuple[str, ...]:
    """The command line of a tool installed beside this interpreter."""
    return (str(Path(sys.executable).parent / name), *arguments)


def check_parts() -> list[Part]:
    """Format, lint, layers, types, house rules: the fast ones first."""
    return [
        Part("format", tool("ruff", "format", "--check", "--quiet", ".")),
        Part("lint", tool("ruff", "check", "--quiet", ".")),
        Part("layers", tool("pytest", "-q", LAYERS), tests=True),
        Part("types", tool("mypy", "--no-error-summary")),
        Part("house rules", tool("pytest", "-q", *HOUSE), tests=True),
    ]


def test_parts() -> list[Part]:
    """All of check, then every test that check has not run."""
    ignored = [f"--ignore={path}" for path in (LAYERS, *HOUSE)]
    return [*check_parts(), Part("tests", tool("pytest", "-q", "--durations=10", *ignored), tests=True)]


def run(part: Part) -> Result:
    """Run one part with its output going straight to the reader."""
    print(f"── {part.name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "tests.xml"
        command = [*part.command, f"--junitxml={report}"] if part.tests else list(part.command)
        begun = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, check=False)
        seconds = time.monotonic() - begun
        skipped = tuple(skips(report)) if report.exists() else ()
    return Result(part.name, seconds, done.returncode == 0, skipped)


def skips(report: Path) -> list[tuple[str, str]]:
    """The skipped and the expectedly failing tests of a JUnit file, each with its reason."""
    found = []
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 -- written by our own pytest
        for mark in case.iter("skipped"):
            name = f"{case.get('classname', '')}.{case.get('name', '')}".strip(".")
            found.append((name, mark.get("message", "no reason given")))
    return found


def summarise(results: Sequence[Result], *, no_skip: bool) -> int:
    """Print the table of seconds and the skipped tests.

    Returns:
        The exit code: 0 when every part passed and, under no_skip, nothing was skipped.
    """
    skipped = [pair for result in results for pair in result.skipped]
    print("\n── seconds")
    for result in results:
        print(f"{result.seconds:8.1f}  {result.name:<12}  {'passed' if result.passed else 'FAILED'}")
    print(f"{sum(result.seconds for result in results):8.1f}  together")
    print(f"\n── skipped: {len(skipped) or 'none'}")
    for name, reason in skipped:
        print(f"  {name}: {reason}")
    failed = [result.name for result in results if not result.passed]
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    if skipped and no_skip:
        print("\nfailed: tests were skipped, and MUTIRAO_NO_SKIP=1 allows none")
        return 1
    return 1 if failed else 0


def main(arguments: Sequence[str]) -> int:
    """Run `check` or `test`."""
    parts = {"check": check_parts, "test": test_parts}
    if len(arguments) != 1 or arguments[0] not in parts:
        print("usage: python -m tests.tools.run check|test", file=sys.stderr)
        return 2
    results = [run(part) for part in parts[arguments[0]]()]
    return summarise(results, no_skip=os.environ.get("MUTIRAO_NO_SKIP") == "1")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
