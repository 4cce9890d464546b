"""Planted bugs as files: a patch each, with a header of a few lines, and copies of the tree that carry one.

    Breaks: what is wrong now, in a sentence.
    Class: in a few words; no two bugs are of one class.
    Found by: the invariant that should notice.

    --- a/node/…
    +++ b/node/…

A patch changes the product, never the simulator that is to find it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.tools import tree

FOLDER = Path(__file__).resolve().parent
PRODUCT = ("node/", "protocol/")
COPIED = ("node/", "protocol/", "tests/", "pyproject.toml")
HEADER = re.compile(r"^(Breaks|Class|Found by): (.+(?:\n(?!\n|[A-Z][a-z ]+: ).+)*)", re.MULTILINE)


class PlantingError(Exception):
    """A patch has no header, reaches outside the product, or doesn't apply to this tree."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A planted bug.

    Attributes:
        name: Of its file, such as `01-synchronous-off`.
        path: Its patch.
        breaks: What it breaks.
        kind: The class of the bug.
        found_by: The invariant that should find it.
        targets: The files that it changes.
    """

    name: str
    path: Path
    breaks: str
    kind: str
    found_by: str
    targets: tuple[str, ...]


def mutants() -> list[Mutant]:
    """Read all patches, by name.

    Raises:
        PlantingError: One lacks its header or changes something else than the product.
    """
    return [_read(path) for path in sorted(FOLDER.glob("[0-9][0-9]-*.patch"))]


def copy_tree(folder: Path) -> None:
    """Copy what a run of the simulator takes: the files that are, or would be, committed."""
    for path in tree.files():
        if path.startswith(COPIED):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(tree.ROOT / path, folder / path)
    # A repository of its own, so that `git apply` looks for no other around it.
    subprocess.run(["git", "init", "-q", str(folder)], check=True, capture_output=True)


def plant(mutant: Mutant, folder: Path, *, is_trial: bool = False) -> None:
    """Apply a patch to a copy of the tree.

    Args:
        mutant: Which.
        folder: The copy.
        is_trial: Whether to look only whether it applies.

    Raises:
        PlantingError: It doesn't.
    """
    trial = ["--check"] if is_trial else []
    command = ["git", "apply", *trial, "--whitespace=nowarn", str(mutant.path)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PlantingError(f"{mutant.path.name} doesn't apply to this tree any more:\n{done.stderr.strip()}")


def _read(path: Path) -> Mutant:
    text = path.read_text("utf-8")
    head = text[: text.find("\n--- a/") + 1]
    fields = {name: " ".join(value.split()) for name, value in HEADER.findall(head)}
    targets = tuple(re.findall(r"^\+\+\+ b/(\S+)", text, re.MULTILINE))
    if set(fields) != {"Breaks", "Class", "Found by"} or not targets:
        raise PlantingError(f"{path.name} must say Breaks, Class and Found by above its diff")
    if not all(target.startswith(PRODUCT) for target in targets):
        raise PlantingError(f"{path.name} changes something else than node/ and protocol/")
    return Mutant(path.stem, path, fields["Breaks"], fields["Class"], fields["Found by"], targets)
