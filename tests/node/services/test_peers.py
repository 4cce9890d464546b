"""The list of peers is kept, and takes nothing that can't be dialled."""

from pathlib import Path

import pytest

from node.services.peers import Peers
from node.store.database import Database
from protocol.errors import Code, RemoteProtocolError
from tests.builders import named


async def test_peers_are_kept_changed_and_removed(tmp_path: Path) -> None:
    """What was added is there after a restart; the trust feed is always followed."""
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'node.sqlite'}")
    peers = await Peers.open(database)
    told: list[int] = []
    peers.on_change.append(lambda: told.append(1))
    await peers.add(named("serra"), url="http://127.0.0.1:8802/", name="Serra")
    await peers.add(named("regiao"), url="https://regiao.example", relation="region", scope=["catalog"])
    await peers.add(named("serra"), url="http://127.0.0.1:9902", name="Serra Verde")

    again = await Peers.open(database)
    assert again.list() == peers.list()
    assert [(peer.name, peer.url, peer.relation) for peer in again.list()] == [
        ("Serra Verde", "http://127.0.0.1:9902", "neighbour"),
        ("regiao.example", "https://regiao.example", "region"),
    ]
    region = again.get(named("regiao"))
    assert region is not None
    assert region.scope == ("trust", "catalog")
    await peers.remove(named("serra"))
    with pytest.raises(RemoteProtocolError) as caught:
        await peers.remove(named("serra"))
    assert caught.value.code == Code.NOT_FOUND
    assert [peer.network for peer in (await Peers.open(database)).list()] == [named("regiao")]
    assert told == [1, 1, 1, 1]
    await database.close()


@pytest.mark.parametrize(
    ("url", "relation", "scope"),
    [
        ("ftp://serra.example", "neighbour", ["catalog"]),
        ("https://serra.example/feeds", "neighbour", ["catalog"]),
        ("https://maria:1234@serra.example", "neighbour", ["catalog"]),
        ("https://" + "a" * 300, "neighbour", ["catalog"]),
        ("serra", "neighbour", ["catalog"]),
        ("https://serra.example", "friend", ["catalog"]),
        ("https://serra.example", "neighbour", ["ledger"]),
    ],
)
async def test_what_cant_be_dialled_or_followed_is_refused(
    tmp_path: Path, url: str, relation: str, scope: list[str]
) -> None:
    """A wrong address, relation or feed is told at once, and nothing is kept."""
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'node.sqlite'}")
    peers = await Peers.open(database)

    with pytest.raises(RemoteProtocolError) as caught:
        await peers.add(named("serra"), url=url, relation=relation, scope=scope)
    assert caught.value.code == Code.OUT_OF_RANGE
    assert peers.list() == []
    await database.close()
