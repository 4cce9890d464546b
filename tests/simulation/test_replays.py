"""Every failure that was ever found stays mended: each replay file runs, and violates nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulation.federation import run
from tests.simulation.replay import REPLAYS, UNTOLD, read_replay

FILES = sorted(REPLAYS.glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_what_was_found_stays_mended(path: Path) -> None:
    """The plan of the file violates no invariant."""
    replay = read_replay(path)

    report = run(replay.plan)

    again = f"python -m tests.simulation replay tests/simulation/replays/{path.name}"
    assert report.violation is None, f"{report.violation}\n\n{replay.about}\nstep by step: {again}"


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_replay_says_what_it_is_about(path: Path) -> None:
    """A file tells what it found and what was mended, and has the name of its seed and invariant."""
    replay = read_replay(path)

    assert replay.about != UNTOLD
    assert len(replay.about.split()) >= 8
    assert path.name == replay.name
