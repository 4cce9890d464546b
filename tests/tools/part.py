"""Starts the script behind a make target, or says in one sentence that the target does nothing yet.

A target's script is a module with `main(arguments) -> int`: `tests.<target>.__main__`, found by its folder.
"""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
TODAY = {
    "soak": "There is no long run yet: `make test` holds all that is tested today.",
}


def main(arguments: Sequence[str]) -> int:
    """Run the part named first, with the other arguments."""
    name, *rest = arguments or [""]
    if (TESTS / name / "__main__.py").exists() and name:
        code: int = importlib.import_module(f"tests.{name}.__main__").main(rest)
        return code
    if name in TODAY:
        print(TODAY[name])
        return 0
    print("usage: python -m tests.tools.part TARGET [ARGUMENTS]", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
