"""Starts the script behind a make target: `main(arguments) -> int` of `tests.<target>.__main__`."""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def main(arguments: Sequence[str]) -> int:
    """Run the part named first, with the other arguments."""
    name, *rest = arguments or [""]
    if not name or not (TESTS / name / "__main__.py").exists():
        print("usage: python -m tests.tools.part TARGET [ARGUMENTS]", file=sys.stderr)
        return 2
    code: int = importlib.import_module(f"tests.{name}.__main__").main(rest)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
