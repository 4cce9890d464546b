"""The trade between real processes, end to end."""

import json
import tempfile
from pathlib import Path

import pytest

from cli.demo.processes import Done, run_command

STEPS = [
    "start", "link", "enrol", "need", "offer", "order", "relay", "carry_out", "seal", "pay", "crash", "verify",
]  # fmt: skip


def lines_of(done: Done) -> list[dict[str, object]]:
    """The steps that were printed, without the error that may stand at the end."""
    text = done.output.partition('{\n  "error"')[0]
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.slow
async def test_the_trade_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step's checks hold, in less than a minute, and nothing is left behind."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    done = await run_command("demo", "--once", "--json")
    steps = lines_of(done)

    assert done.code == 0, done.output[-3000:] + done.errors[-3000:]
    assert [step["step"] for step in steps] == STEPS
    assert all(step["ok"] and step["checked"] for step in steps)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
async def test_a_balance_corrupted_on_purpose_is_found() -> None:
    """The last step fails, and the command ends with 1."""
    done = await run_command("demo", "--once", "--json", "--corrupt", "balance")
    steps = lines_of(done)

    assert done.code == 1
    assert [step["ok"] for step in steps] == [True] * (len(STEPS) - 1) + [False]
    assert "balance" in str(steps[-1]["failed"])
