"""Bits that change in the folder of a killed node never make it say something else under its signature."""

import random
import shutil
from pathlib import Path

from cli.client import Client
from tests.faults.flips import files_that_count, flip_bit
from tests.faults.solo import Solo
from tests.faults.survey import survey

FLIPS_PER_FILE = 3


async def test_a_flipped_bit_is_refused_found_or_harmless(solo: Solo, tmp_path: Path) -> None:
    """The folder doesn't open, or the audit names the damage, or nothing that counts has changed; never silent loss."""
    node, people = solo.copy(tmp_path / "killed")
    node.start()
    await node.wait_until_ready()
    async with Client(node.url) as client:
        await people.trade(client, 3)
    await node.kill()
    chance = random.Random(11)
    files = files_that_count(node.directory)
    assert {"node.sqlite", "node.sqlite-wal", "checkpoints", "keys/node.key"} <= set(files)

    for name in files:
        for number in range(FLIPS_PER_FILE):
            copy = tmp_path / f"{name.replace('/', '-')}-{number}"
            shutil.copytree(node.directory, copy)
            at = flip_bit(copy / name, chance)
            found = await survey(copy, people.acknowledged)
            silent = [one for one in found if not one.startswith(("the folder doesn't open", "the audit"))]
            assert not silent or any(one.startswith("the audit") for one in found), f"{name} at {at}: {silent}"
