"""Founding a network makes its first records once."""

from pathlib import Path
from typing import Any

import pytest

from node.clock import FixedClock
from node.services.founding import NetworkSeeds, first_records, found_network
from node.store.database import Database
from node.store.feeds import FeedStore
from protocol import keys
from protocol.errors import StorageError
from tests.builders import named, public


def seeds() -> NetworkSeeds:
    """Give seeds derived from names."""
    names = ("record", "record_sealing", "checkpoint", "cosignature", "credential", "link")
    recovery_seal = keys.sealing_public_of(named("recovery sealing"))
    secret = {name: named(name) for name in names}
    return NetworkSeeds(**secret, recovery_sign=public("recovery"), recovery_seal=recovery_seal)


async def found(database: Database, feeds: FeedStore, profile: dict[str, Any]) -> bytes:
    """Found a network with this profile."""
    trust, catalog = first_records(seeds(), profile, 1, FixedClock().random_bytes)
    return await found_network(database, feeds, trust=trust, catalog=catalog, checkpoint_seed=seeds().checkpoint)


async def test_a_network_is_founded_once(tmp_path: Path) -> None:
    """Its agent, epoch and profile stand first in its feeds, and a second network is refused."""
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'node.sqlite'}")
    feeds = await FeedStore.open(database)
    home = await found(database, feeds, {"name": "Vila"})
    with pytest.raises(StorageError, match="already"):
        await found(database, feeds, {"name": "Vila"})

    assert feeds.home == home
    async with database.read() as connection:
        sizes = {state.key.name: state.head_size for state in await feeds.all(connection)}
    assert sizes == {"trust": 2, "catalog": 1}
    await database.close()
    feeds.close()


async def test_a_profile_that_breaks_a_rule_founds_nothing(tmp_path: Path) -> None:
    """Bad settings leave the folder empty, so that it can be tried again."""
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'node.sqlite'}")
    feeds = await FeedStore.open(database)
    with pytest.raises(StorageError, match="profile"):
        await found(database, feeds, {"name": 5})

    assert feeds.home is None
    await found(database, feeds, {"name": "Vila"})
    await database.close()
    feeds.close()
