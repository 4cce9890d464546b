"""`mutirao member roles`: what a member may do."""

from tests.cli.live import Live


def test_roles_are_given_and_taken(live: Live) -> None:
    """A new auditor reads the whole book, and no longer once the role is taken."""
    ana = live.agents["ana"]
    assert "yours" in live.refused("ledger", "trial", by="ana")["code"]

    given = live.json("member", "roles", ana, "--add", "auditor", by="network")
    assert given["roles"] == ["member", "auditor"]
    assert live.json("ledger", "trial", by="ana")["balances"]
    taken = live.json("member", "roles", ana, "--remove", "auditor", by="network")

    assert (taken["before"], taken["roles"]) == (["member", "auditor"], ["member"])
    assert "yours" in live.refused("ledger", "trial", by="ana")["code"]
    assert live.json("member", "roles", ana)["before"] == ["member"]


def test_only_the_network_gives_roles(live: Live) -> None:
    """A member's own key is refused, and a member keeps one role at least."""
    words = ("member", "roles", live.agents["ana"])
    foreign = live.refused(*words, "--add", "treasurer", by="ana", exit_code=2)
    last = live.refused(*words, "--remove", "member", by="network", exit_code=2)

    assert "record key" in foreign["message"]
    assert "one role" in last["message"]
