"""Writes constraints.txt: the exact versions, here installed, of all that pyproject.toml needs, directly or not.

`python -m tests.tools.constraints` writes the file; `--check` only says what is missing or differs.
"""

import sys
import tomllib
from collections.abc import Iterable, Sequence
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "constraints.txt"
HEADER = """\
# The exact versions of everything that .venv holds: what the program needs to run and what its tests need.
# Written by `python -m tests.tools.constraints` from an environment in which all tests pass.
"""


def direct() -> list[Requirement]:
    """The requirements that pyproject.toml states: of the program, its extras and its development group."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"].get("optional-dependencies", {}).values()
    lists = [project["project"]["dependencies"], *extras, project["dependency-groups"]["dev"]]
    return [Requirement(text) for group in lists for text in group]


def closure(requirements: Iterable[Requirement]) -> dict[str, str]:
    """Follow requirements through the installed distributions.

    Returns:
        Canonical name → installed version, for every distribution reached under this machine's markers.

    Raises:
        PackageNotFoundError: when a required distribution is not installed.
    """
    versions: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(requirement, extra) for requirement in requirements for extra in ("", *requirement.extras)]
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        found = distribution(name)
        versions[name] = found.version
        for text in found.requires or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                waiting += [(needed, inner) for inner in ("", *needed.extras)]
    return versions


def main(arguments: Sequence[str]) -> int:
    """Write the file, or compare it."""
    wanted = HEADER + "".join(f"{name}=={version}\n" for name, version in sorted(closure(direct()).items()))
    if "--check" not in arguments:
        FILE.write_text(wanted, "utf-8")
        return 0
    present = set(FILE.read_text("utf-8").splitlines()) if FILE.exists() else set()
    missing = sorted(set(wanted.splitlines()) - present)
    for line in missing:
        print(f"constraints.txt lacks: {line}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
