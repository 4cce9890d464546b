"""The arrows between the packages, held by import-linter; the contracts stand in pyproject.toml."""

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.tools import tree

LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"
# The commands that work on a node's folder; every other one speaks HTTP to a node.
COMMANDS_WITH_NODE = {"init", "serve", "demo", "backup", "restore", "verify"}
# One import against each contract, by the contract's id.
PLANTED = {
    "packages": ("protocol/upward.py", "import node"),
    "cli": ("cli/reaching.py", "import node.store"),
    "pure": ("protocol/clock.py", "import time"),
    "node": ("node/store/upward.py", "import node.services"),
    "database": ("node/services/query.py", "import sqlalchemy"),
    "http": ("node/services/call.py", "import aiohttp"),
    "acyclic": ("protocol/left.py", "import protocol.right"),
}


def test_imports_follow_the_arrows() -> None:
    """No import of the tree breaks a contract."""
    done = _lint(tree.ROOT)

    assert done.returncode == 0, done.stdout


def test_each_contract_catches_what_it_is_for(tmp_path: Path) -> None:
    """Every contract breaks when an import against it is planted."""
    shutil.copy(tree.ROOT / "pyproject.toml", tmp_path)
    for package in ("protocol", "cli", "node", "node/app", "node/services", "node/store"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    for path, line in PLANTED.values():
        (tmp_path / path).write_text(f"{line}\n", "utf-8")
    (tmp_path / "protocol/right.py").write_text("import protocol.left\n", "utf-8")

    contracts = tomllib.loads((tree.ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    held = [contract["id"] for contract in contracts if "1 broken" not in _lint(tmp_path, contract["id"]).stdout]

    assert {contract["id"] for contract in contracts} == set(PLANTED)
    assert held == []


def test_only_commands_for_a_folder_import_node() -> None:
    """Of the commands, init, serve, demo, backup, restore and verify alone import node; the others speak HTTP."""
    found = [
        f"{path} imports {name}"
        for path in tree.modules("cli")
        if not COMMANDS_WITH_NODE & set(Path(path).with_suffix("").parts)
        for name in _imports(path)
        if name.split(".")[0] == "node"
    ]

    assert not found, "\n".join(found)


def _imports(path: str) -> list[str]:
    names = []
    for node in ast.walk(tree.parse(path)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return names


def _lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    chosen = [part for contract in contracts for part in ("--contract", contract)]
    command = [str(LINT_IMPORTS), "--no-logo", "--no-cache", *chosen]
    environment = {"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "COLUMNS": "120"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
