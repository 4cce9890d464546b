"""`mutirao status`."""

from tests.cli.live import Live


def test_a_node_says_how_it_is(live: Live) -> None:
    """Network, feeds and ledger stand in a few lines."""
    shown = live.run("status", "--wait").stdout
    view = live.json("status")

    assert "Rede Vila" in shown
    assert "sum" in shown
    assert {feed["name"] for feed in view["feeds"]} >= {"trust", "catalog"}
