"""`mutirao peer`: neighbours are added by the operator."""

from tests.cli.live import Live


def test_only_the_operator_adds_neighbours(live: Live) -> None:
    """A member is refused."""
    assert live.refused("peer", "add", live.node.url, by="ana")["code"]


def test_a_neighbour_must_answer_to_be_added(live: Live) -> None:
    """Nobody at the address is exit code 3, and nothing is added."""
    live.refused("peer", "add", "http://127.0.0.1:9", by="network", exit_code=3)

    assert live.json("peer", "list") == []


def test_who_is_no_neighbour_cannot_be_removed(live: Live) -> None:
    """The node says so."""
    assert live.refused("peer", "remove", live.agents["ana"], by="network")["code"] == "not_found"


def test_the_error_of_remove_names_what_was_asked(live: Live) -> None:
    """An address of nobody is answered with the address, not with a fault of the API."""
    error = live.refused("peer", "remove", "http://127.0.0.1:9", by="network")

    assert "http://127.0.0.1:9" in error["message"]
    assert "peer list" in error["next_step"]


def test_what_is_no_address_is_wrong_usage(live: Live) -> None:
    """Nobody is asked."""
    done = live.run("peer", "add", "vila", by="network")

    assert 2 == done.exit_code
    assert "is not an address" in done.stderr
