"""Mutations: one small wrong change of a rule each, made in a copy of the tree, where a test must notice it.

The text that is changed must stand in its file exactly once: when the code has moved on, the mutation is an error until
somebody writes it anew. A copy is used for one mutation at a time, and is as it was afterwards.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.tools import tree

TESTS = ("tests/protocol/ledger",)
COPIED = ("cli/", "node/", "protocol/", "tests/protocol/", "tests/tools/", "tests/vectors/", "pyproject.toml")
LAST = "test_machine"
"""Tests of the state machines run last: an example says more of what was broken than they do."""

SECONDS_MAX = 120
"""How long the tests of one mutation may take; a rule that never ends is noticed, too."""

KILLER = re.compile(r"^FAILED (\S+::\S+)", re.MULTILINE)
BROKEN = re.compile(r"^ERROR (.+)", re.MULTILINE)


class MutationError(Exception):
    """A mutation doesn't fit the code of today, or the tests fail without any."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One wrong change.

    Attributes:
        name: What is wrong with it, in a few words joined by hyphens.
        file: What is changed, such as `protocol/ledger/book.py`.
        old: The text that stands there, exactly once.
        new: What stands there instead.
        tests: The tests that are run.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...] = TESTS


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mutation.

    Attributes:
        mutation: Which.
        killer: The test that failed; empty where it survived.
        seconds: How long the tests took.
    """

    mutation: Mutation
    killer: str
    seconds: float


def mutated(mutation: Mutation, text: str) -> str:
    """Give the text of its file with the change.

    Raises:
        MutationError: What it changes doesn't stand there exactly once.
    """
    found = text.count(mutation.old)
    if found != 1:
        raise MutationError(f"{mutation.name}: {mutation.file} has its text {found} times: {mutation.old!r}")
    return text.replace(mutation.old, mutation.new)


def copy_tree(folder: Path) -> None:
    """Copy what the tests take: the files that are, or would be, committed."""
    for path in tree.files():
        if path.startswith(COPIED) or re.fullmatch(r"tests/[^/]+\.py", path):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(tree.ROOT / path, folder / path)


def judge(mutation: Mutation, folder: Path) -> Verdict:
    """Run the tests of a mutation in a copy of the tree, which is as before afterwards.

    Raises:
        MutationError: It doesn't fit, or the tests don't even begin.
    """
    path = folder / mutation.file
    before = path.read_text("utf-8")
    begun_s = time.monotonic()
    _write(path, mutated(mutation, before))
    try:
        own, others = _in_order(folder, mutation.tests, path.stem)
        killer = failing(folder, own) or failing(folder, others)
    except MutationError as error:
        raise MutationError(f"{mutation.name}: {error}") from error
    finally:
        _write(path, before)
    return Verdict(mutation, killer, time.monotonic() - begun_s)


def fails_unchanged(folder: Path) -> str:
    """Give the test that fails without any mutation; nothing where all pass.

    Raises:
        MutationError: They don't begin.
    """
    return failing(folder, _in_order(folder, TESTS, "")[1])


def failing(folder: Path, files: Sequence[str]) -> str:
    """Run files of tests in a copy until one fails; give its name, or nothing when all pass.

    Raises:
        MutationError: They don't begin.
    """
    if not files:
        return ""
    settings = {**os.environ, "PYTHONPATH": "", "PYTHONASYNCIODEBUG": "", "MUTIRAO_HYPOTHESIS": "mutations"}
    options = ("-x", "-q", "-rfE", "--tb=no", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", *options, *files]
    try:
        done = subprocess.run(
            command, cwd=folder, env=settings, capture_output=True, text=True, check=False, timeout=SECONDS_MAX
        )
    except subprocess.TimeoutExpired:
        return f"no end within {SECONDS_MAX} s"
    if done.returncode == 0:
        return ""
    killer, broken = KILLER.search(done.stdout), BROKEN.search(done.stdout)
    if killer is None:
        said = broken.group(1) if broken is not None else (done.stdout + done.stderr)[-1000:]
        raise MutationError(f"the tests don't begin: {said}")
    return killer.group(1)


def _write(path: Path, text: str) -> None:
    """Write a module, and forget what was compiled of it: two texts of one size in one second would be taken as one."""
    path.write_text(text, "utf-8")
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()


def _in_order(folder: Path, tests: tuple[str, ...], stem: str) -> tuple[list[str], list[str]]:
    """Give the files of these tests: those of the module that is changed, and the others, the state machines last."""
    found = [path for name in tests for path in _files(folder / name)]
    found.sort(key=lambda path: (path.stem.startswith(LAST), path))
    own = [str(path.relative_to(folder)) for path in found if path.stem == f"test_{stem}"]
    return own, [name for path in found if (name := str(path.relative_to(folder))) not in own]


def _files(place: Path) -> list[Path]:
    return [place] if place.suffix else list(place.glob("test_*.py"))
