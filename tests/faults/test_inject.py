"""Whatever call of a node fails, or is its last, the folder opens and everything acknowledged is there."""

import asyncio
from pathlib import Path

import pytest

from tests.faults import strace
from tests.faults.inject import EIO, FAULTS, KILL, Point, count_calls, points, spread, strike
from tests.faults.solo import Solo

POINTS = 6


@pytest.fixture(scope="module")
def whole(solo: Solo, tmp_path_factory: pytest.TempPathFactory) -> list[Point]:
    """Give all points of the script."""
    if strace.lacking():
        return points({})
    return points(asyncio.run(count_calls(solo, tmp_path_factory.mktemp("counting"))))


def test_points_meet_every_call_and_fault() -> None:
    """Chosen points are spread over calls, faults and the length of the script."""
    every = [
        Point(call, number, fault) for call in ("pwrite64", "fsync") for number in range(1, 91) for fault in FAULTS
    ]
    chosen = spread(every, 18)

    assert 18 == len(set(chosen))
    assert {(call, fault) for call in ("pwrite64", "fsync") for fault in FAULTS} == {
        (point.call, point.fault) for point in chosen
    }
    assert {16, 46, 76} == {point.number for point in chosen}


@pytest.mark.slow
@pytest.mark.parametrize("number", range(POINTS))
async def test_a_fault_at_any_call_loses_nothing(solo: Solo, whole: list[Point], tmp_path: Path, number: int) -> None:
    """Killed there, or answered with EIO or ENOSPC: the node ends or refuses, and what it acknowledged is there."""
    calls = [point for point in whole if point.call in {"", "pwrite64", "fdatasync"}]
    point = spread(calls, POINTS)[number]
    result = await strike(solo, point, tmp_path)

    assert result.found == (), f"{point}: " + "\n".join(result.found)
    assert result.was_reached or point.fault == KILL or point.call == ""


@pytest.mark.slow
async def test_a_sync_that_fails_at_the_stop_is_not_tried_again(solo: Solo, whole: list[Point], tmp_path: Path) -> None:
    """The last sync of a clean stop fails: the node ends with 1 and leaves the log, in place of trying again."""
    syncs = [point for point in whole if point.call == "fdatasync" and point.fault == EIO]
    point = max(syncs, default=whole[-1])
    result = await strike(solo, point, tmp_path)

    assert result.found == (), f"{point}: " + "\n".join(result.found)
    assert 1 == result.code
