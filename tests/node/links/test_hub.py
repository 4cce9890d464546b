"""Links over real WebSockets: nodes that find, follow and leave one another."""

from __future__ import annotations

import pytest

from node.links.peers import LinkState, follows_of, gossip_url, host_of
from protocol.feeds import CATALOG, FeedKey
from tests.node.links.conftest import StartNodes
from tests.node.links.loopback import LoopbackNode, peer_of, until


def heads(node: LoopbackNode) -> dict[FeedKey, tuple[int, bytes]]:
    """Give size and root of each feed that a node holds."""
    return {feed: (head.size, head.root) for feed, head in node.replica.memory.heads.items()}


async def test_two_nodes_hold_the_same(start_nodes: StartNodes) -> None:
    """Feeds published before and after the link opened are the same on both sides."""
    vila, serra = await start_nodes("vila", "serra")
    for number in range(2000):
        vila.replica.memory.offer(number)
    await vila.links.close()
    await vila.links.start()

    vila.knows(serra)
    serra.knows(vila)
    await until(lambda: heads(vila) == heads(serra))
    for number in range(2000, 2020):
        vila.replica.offer(number)
        serra.replica.offer(number)

    await until(lambda: heads(vila) == heads(serra) and len(heads(vila)) == 4)


async def test_feeds_and_orders_pass_the_region(start_nodes: StartNodes) -> None:
    """Two networks that are linked with the region only hold each other's feeds, and an order arrives."""
    vila, serra, regiao = await start_nodes("vila", "serra", "regiao")
    regiao.knows(vila, serra, dials=False)
    vila.knows(regiao)
    serra.knows(regiao)
    serra.replica.offer(1)
    await until(lambda: heads(vila) == heads(serra) == heads(regiao) and len(heads(vila)) == 4)
    order = serra.replica.memory.keys.record_of("order", {"rows": []}, to=[serra.network, vila.network, regiao.network])

    serra.replica.publish(order)

    await until(lambda: order.id in vila.replica.memory.delivered)
    await until(lambda: regiao.replica.memory.outbox(vila.network) == [])
    await until(lambda: heads(vila) == heads(serra) == heads(regiao))


async def test_one_link_stays_between_two_networks(start_nodes: StartNodes) -> None:
    """Where both dial, one connection remains, and both know each other as connected."""
    vila, serra = await start_nodes("vila", "serra")
    vila.knows(serra)
    serra.knows(vila)

    def settled() -> bool:
        return len(vila.links._links) == len(serra.links._links) == 1 and all(
            node.links.status()[0].state is LinkState.CONNECTED for node in (vila, serra)
        )

    await until(settled)
    serra.replica.offer(1)
    await until(lambda: heads(vila) == heads(serra))
    await until(settled)


async def test_a_node_that_comes_back_catches_up(start_nodes: StartNodes) -> None:
    """A node that was away is dialled again, and ends with the same roots."""
    vila, serra = await start_nodes("vila", "serra")
    vila.knows(serra)
    serra.knows(vila, dials=False)
    await until(lambda: heads(vila) == heads(serra))
    await serra.stop()
    await until(lambda: vila.links.status()[0].state is LinkState.UNREACHABLE)
    for number in range(50):
        vila.replica.offer(number)
    assert vila.links.status()[0].last_error

    await serra.start()
    serra.knows(vila, dials=False)

    await until(lambda: heads(vila) == heads(serra))
    assert vila.links.status()[0].state is LinkState.CONNECTED


async def test_a_stranger_is_refused_and_reads_why(start_nodes: StartNodes, caplog: pytest.LogCaptureFixture) -> None:
    """A network that is not on the list gets nothing; its operator sees the code, the reason and what to do."""
    vila, serra = await start_nodes("vila", "serra")
    vila.knows(serra)

    await until(lambda: vila.links.status()[0].state is LinkState.REFUSED)

    assert "not_admitted" in (vila.links.status()[0].last_error or "")
    assert "mutirao peer add" in caplog.text
    assert len(heads(vila)) == 1

    serra.knows(vila)
    await until(lambda: heads(vila) == heads(serra))


async def test_a_fault_that_repeats_is_told_once(start_nodes: StartNodes, caplog: pytest.LogCaptureFixture) -> None:
    """A stranger that dials again and again is one warning an hour, not one a minute."""
    vila, serra = await start_nodes("vila", "serra")
    vila.knows(serra)

    def refusals() -> list[str]:
        return [item.levelname for item in caplog.records if "not_admitted" in item.getMessage()]

    caplog.set_level("DEBUG", "node.links")
    await until(lambda: len(refusals()) >= 8)

    assert refusals().count("WARNING") == 2


async def test_a_peer_that_is_removed_is_left(start_nodes: StartNodes) -> None:
    """Taking a network off the list ends its link, and nothing of it arrives any more."""
    vila, serra = await start_nodes("vila", "serra")
    vila.knows(serra)
    serra.knows(vila)
    await until(lambda: heads(vila) == heads(serra))

    vila.knows()
    await until(lambda: not vila.links._links)
    serra.replica.offer(1)

    assert vila.links.status() == []
    assert heads(vila) != heads(serra)


async def test_another_network_at_the_address_is_refused(start_nodes: StartNodes) -> None:
    """A dialler that wants one network says nothing to another that answers there."""
    vila, serra, regiao = await start_nodes("vila", "serra", "regiao")
    serra.knows(vila)

    vila.links.set_peers([peer_of(regiao.network, serra.url)])

    await until(lambda: vila.links.status()[0].state is LinkState.REFUSED)
    assert "other_network" in (vila.links.status()[0].last_error or "")


async def test_a_node_dialled_under_a_foreign_name_refuses(start_nodes: StartNodes) -> None:
    """A listener accepts only the host of its own address."""
    vila, serra = await start_nodes("vila", "serra")
    await serra.stop()
    await serra.start(url="https://serra.example")
    serra.knows(vila, dials=False)

    vila.links.set_peers([peer_of(serra.network, f"http://127.0.0.1:{serra._port}")])

    await until(lambda: vila.links.status()[0].state is LinkState.REFUSED)
    assert "wrong_host" in (vila.links.status()[0].last_error or "")


async def test_a_neighbour_is_asked_for_listed_networks(start_nodes: StartNodes) -> None:
    """At a neighbour a node follows the networks of its list; when one more is listed, that one too."""
    vila, serra, feira = await start_nodes("vila", "serra", "feira")
    serra.links.set_peers([peer_of(feira.network, feira.url), peer_of(vila.network)])
    feira.links.set_peers([peer_of(serra.network)])
    await until(lambda: feira.network in {feed.network for feed in heads(serra)})

    vila.links.set_peers([peer_of(serra.network, serra.url, relation="neighbour")])
    await until(lambda: serra.network in {feed.network for feed in heads(vila)})
    serra.replica.offer(1)
    await until(lambda: serra.replica.memory.feed(CATALOG) in heads(vila))
    assert feira.network not in {feed.network for feed in heads(vila)}

    vila.links.set_peers(
        [peer_of(serra.network, serra.url, relation="neighbour"), peer_of(feira.network, relation="neighbour")]
    )
    await until(lambda: feira.network in {feed.network for feed in heads(vila)})


def test_a_region_is_asked_for_all() -> None:
    """A region, and anybody where the operator says so, is followed for every network that it carries."""
    region, neighbour = peer_of(bytes(32)), peer_of(bytes([1]) * 32, relation="neighbour")

    some = follows_of([region, neighbour], follow_all=False)
    everything = follows_of([region, neighbour], follow_all=True)

    assert some[region.network].scopes[0][0] is None
    assert [network for network, _ in some[neighbour.network].scopes] == [region.network, neighbour.network]
    assert everything[neighbour.network].scopes[0][0] is None


def test_addresses_have_one_form() -> None:
    """The dialled address gives the WebSocket's address and the host that AUTH signs."""
    assert gossip_url("http://127.0.0.1:8801") == "ws://127.0.0.1:8801/gossip"
    assert host_of("https://Vila.example") == "vila.example"
