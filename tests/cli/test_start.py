"""The commands of docs/start.md run as they stand on the page."""

import os
import re
import subprocess
import sys
from pathlib import Path

from cli.demo.processes import environment, free_ports
from tests.tools import tree

PAGE = "docs/start.md"
BLOCK = re.compile(r"^```sh test\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_first_trade_works_as_written(tmp_path: Path) -> None:
    """All marked blocks run one after the other in one shell, and each command ends well."""
    page = (tree.ROOT / PAGE).read_text("utf-8").replace("8821", str(free_ports(1)[0]))
    shim = tmp_path / "bin" / "mutirao"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m cli "$@"\n')
    shim.chmod(0o755)
    script = "set -eu -o pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + "".join(BLOCK.findall(page))
    variables = environment(PATH=f"{shim.parent}{os.pathsep}{os.environ['PATH']}")
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=variables, capture_output=True, text=True, check=False, timeout=120
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "received" in done.stdout
    assert "-24,00 SB" in done.stdout
    assert "everything adds up" in done.stdout
