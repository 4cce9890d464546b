"""What the house rules look at: the files of the repository and the modules of its three packages."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("protocol", "node", "cli")


@cache
def files() -> tuple[str, ...]:
    """Paths of all files that are, or would be, committed; relative to the root, sorted."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return tuple(sorted(path for path in set(listed) if (ROOT / path).is_file()))


def texts() -> Iterator[tuple[str, str]]:
    """(path, content) of every file that is UTF-8 text."""
    for path in files():
        try:
            yield path, (ROOT / path).read_text("utf-8")
        except UnicodeDecodeError:
            continue


def modules(*folders: str) -> list[str]:
    """Paths of the Python files below the named folders; without any, below the three packages."""
    begins = tuple(f"{folder}/" for folder in folders or PACKAGES)
    return [path for path in files() if path.endswith(".py") and path.startswith(begins)]


@cache
def parse(path: str) -> ast.Module:
    """The syntax tree of one of our files."""
    return ast.parse((ROOT / path).read_text("utf-8"), path)


def docstring(path: str) -> str:
    """The module's docstring; empty when it has none."""
    return ast.get_docstring(parse(path)) or ""


def stated(path: str, word: str) -> str:
    """What the module's docstring states in a paragraph that begins with `word:`, on one line.

    So a module carries its exceptions from the house rules itself: `Length: why it is one file`,
    `Tests: tests/node/web/test_pages.py`.
    """
    for paragraph in docstring(path).split("\n\n"):
        if paragraph.startswith(f"{word}:"):
            return " ".join(paragraph.removeprefix(f"{word}:").split())
    return ""


def has_code(path: str) -> bool:
    """Whether a module has a function or method, so something that a test can try; tables and shapes have none."""
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(parse(path)))
