"""Many seeds give the same figures on any number of cores, and a failing one leaves a replay file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.simulation import __main__ as commands
from tests.simulation import pool, soak
from tests.simulation.federation import Report, run
from tests.simulation.plan import Plan, plan_of
from tests.simulation.replay import UNTOLD, Replay, read_replay, write_replay

FIGURES = ("trace", "events", "virtual_hours", "faults", "steps", "refused")


def test_cores_do_not_change_what_comes_out(capsys: pytest.CaptureFixture[str]) -> None:
    """The trace and every count are the same in this process and in two others."""
    found = []
    for jobs in ("1", "2"):
        assert soak.main(["--seeds", "6", "--from", "900000", "--jobs", jobs, "--json"]) == 0
        found.append(json.loads(capsys.readouterr().out))

    assert [found[0][name] for name in FIGURES] == [found[1][name] for name in FIGURES]
    assert found[0]["seeds"] == 6
    assert found[0]["faults"]


def test_no_seed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every seed is run once, in order, however many chunks there are."""

    @contextmanager
    def inline(_jobs: int) -> Iterator[Callable[[Sequence[int]], Future[list[Report]]]]:
        def submit(seeds: Sequence[int]) -> Future[list[Report]]:
            done: Future[list[Report]] = Future()
            done.set_result([Report(Plan(seed, (), (), (), ())) for seed in seeds])
            return done

        yield submit

    monkeypatch.setattr(pool, "processes", inline)

    for count in (1, 5, 39, 40, 41, 203):
        assert [report.plan.seed for report in pool.reports_of(range(7, 7 + count), 2)] == list(range(7, 7 + count))


def test_a_failing_seed_is_shortened_and_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The run ends with 1, tells seed, invariant and what is left, and the file holds the short plan."""

    def failing(plan: Plan) -> Report:
        is_wrong = any(step.action == "offer" for step in plan.steps)
        return Report(plan, "I9: wrong" if is_wrong else None, "I9" if is_wrong else None, trace="00")

    monkeypatch.setattr(soak, "run", failing)
    monkeypatch.setattr(soak, "reports_of", lambda seeds, _jobs: (failing(plan_of(seed)) for seed in seeds))

    code = soak.main(["--seeds", "5", "--jobs", "1", "--keep-going", "2", "--replays", str(tmp_path)])

    files = sorted(tmp_path.iterdir())
    replay = read_replay(files[0])
    text = capsys.readouterr().out
    assert code == 1
    assert [path.name for path in files] == ["0-I9.json", "1-I9.json"]
    assert [step.action for step in replay.plan.steps] == ["offer"]
    assert replay.about == UNTOLD
    assert ("I9", "I9: wrong") == (replay.found["invariant"], replay.found["violation"])
    assert "seed 0 at commit" in text
    assert "2, 2 of them failed" in text
    assert "again: python -m tests.simulation replay" in text


def test_a_replay_survives_its_file(tmp_path: Path) -> None:
    """What is written is read back the same, and the same plan does the same."""
    found = {"invariant": "L7-durable", "violation": "é", "commit": "0", "trace": ""}
    replay = Replay("Found what was lost.", found, plan_of(4))

    path = write_replay(replay, tmp_path)

    assert read_replay(path) == replay
    assert run(read_replay(path).plan).trace == run(plan_of(4)).trace


def test_a_seed_is_told_step_by_step(capsys: pytest.CaptureFixture[str]) -> None:
    """The command tells starts and every step with its time, and ends with what held."""
    code = commands.main(["seed", "4"])

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert lines[0] == "     0.000 s  n00 starts"
    assert len(plan_of(4).steps) <= sum(": " in line for line in lines)
    assert any("every invariant holds" in line for line in lines)
    assert not any("frame " in line for line in lines)
