"""The commands of docs/operating/books.md run as they stand on the page, as treasurer and auditor."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli.demo.processes import environment
from tests.cli.live import Live
from tests.tools import tree

PAGE = "docs/operating/books.md"
BLOCK = re.compile(r"^```sh test\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.usefixtures("hledger")
def test_the_treasurers_page_works_as_written(live: Live, tmp_path: Path) -> None:
    """All marked blocks run one after the other, with the roles that the page names and no other."""
    for role in ("treasurer", "auditor"):
        live.enrol(role, role.capitalize(), "--role", role, "--role", "member")
        shutil.copy(live.key(role), tmp_path / f"{role}.key")
    live.enrol("berta", "Berta")
    live.json("pay", live.agents["berta"], "24", "--for", "12 kg de pão", by="ana")
    shim = tmp_path / "bin" / "mutirao"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m cli "$@"\n')
    shim.chmod(0o755)
    programs = os.pathsep.join((str(shim.parent), str(Path(sys.executable).parent), os.environ["PATH"]))
    variables = environment(PATH=programs, MUTIRAO_NODE=live.node.url, ana=live.agents["ana"], LC_ALL="C.UTF-8")
    script = "set -eu -o pipefail\n" + "".join(BLOCK.findall((tree.ROOT / PAGE).read_text("utf-8")))
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=variables, capture_output=True, text=True, check=False, timeout=120
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 kg de pão" in done.stdout
    assert "assets:members:" in done.stdout
    assert "12 kg de pão" in (tmp_path / "ana.html").read_text("utf-8")
    assert "<svg" in (tmp_path / "credit.html").read_text("utf-8")
