"""The commands of docs/start.md and docs/operating/first-year.md run as they stand on the page."""

import os
import re
import subprocess
import sys
from pathlib import Path

from cli.demo.processes import environment, free_ports
from tests.tools import tree

BLOCK = re.compile(r"^```sh test\n(.*?)^```", re.MULTILINE | re.DOTALL)


def run_page(name: str, *, port: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run all marked blocks of a page one after the other in one shell, on a free port; each command must end well."""
    page = (tree.ROOT / name).read_text("utf-8").replace(port, str(free_ports(1)[0]))
    shim = folder / "bin" / "mutirao"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m cli "$@"\n')
    shim.chmod(0o755)
    script = "set -eu -o pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + "".join(BLOCK.findall(page))
    variables = environment(PATH=f"{shim.parent}{os.pathsep}{os.environ['PATH']}")
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=240
    )


def test_the_first_trade_works_as_written(tmp_path: Path) -> None:
    """Two members trade, and the audit finds nothing."""
    done = run_page("docs/start.md", port="8821", folder=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "received" in done.stdout
    assert "-24,00 SB" in done.stdout
    assert "everything adds up" in done.stdout


def test_the_first_year_works_as_written(tmp_path: Path) -> None:
    """Paper book, slips, dues, cash, a member who leaves, and a closed year, which refuses what is dated into it."""
    done = run_page("docs/operating/first-year.md", port="8822", folder=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "5,00 SB off zero" in done.stderr
    assert "The box Feira holds 50,00 R$." in done.stdout
    assert "Bento Silva delivered 23,00 SB more than was received." in done.stdout
    assert "Signed: the period is closed." in done.stdout
    assert "The date lies in a period that the assembly has closed." in done.stderr
    assert "everything adds up" in done.stdout
    pages = {path.name: path.read_text("utf-8") for path in (tmp_path / "year").iterdir()}
    assert sorted(pages) == ["assembly.html", "books.html"]
    assert "Está tudo certo: a soma de todos os saldos é zero." in pages["assembly.html"]
    assert "A assembleia de 14/03/2027, ata 9, encerra este período." in pages["assembly.html"]
    assert "Vó Lia" not in pages["assembly.html"]
    assert "Vó Lia" in pages["books.html"]
