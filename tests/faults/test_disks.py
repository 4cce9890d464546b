"""A node on a disk without any room refuses, stops cleanly, and goes on where there is room again."""

from pathlib import Path

import pytest

from cli.errors import UnreachableError
from tests.faults import disks
from tests.faults.disks import LIMIT, TMPFS, SmallDisk
from tests.faults.solo import Solo, trade_until_it_fails
from tests.faults.survey import survey


async def test_a_node_outlives_a_disk_without_room(solo: Solo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last byte: refused with `disk_full`, stopped with 0, told at the next start, and nothing is lost."""
    monkeypatch.setattr(disks, "LEFT_BYTES", 0)
    node, people = solo.copy(tmp_path / "full")
    disk = SmallDisk(node)
    disk.open()
    try:
        node.start()
        await node.wait_until_ready()
        await disk.fill()
        codes, was_up = await trade_until_it_fails(people, node.url, 10)
        assert (codes, was_up) == ({"disk_full"}, True) or disk.kind == LIMIT
        if disk.kind == TMPFS:
            assert 0 == await node.stop()
            await disk.fill()
            node.start()
            with pytest.raises(UnreachableError) as caught:
                await node.wait_until_ready()
            assert "the disk is full" in caught.value.next_step
            await node.stop()
        await disk.free()
        if not node.is_alive:
            node.start()
            await node.wait_until_ready()
        assert (set(), True) == await trade_until_it_fails(people, node.url, 2)
    finally:
        await node.stop()
        await disk.close()

    assert [] == await survey(node.directory, people.acknowledged)
