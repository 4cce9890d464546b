"""`mutirao member leave`: nobody goes with something open."""

from tests.cli.live import Live


def opened(live: Live, short: str, *words: str) -> list[str]:
    """What is open with a member, and what to do about it, as one text each."""
    found = live.json("member", "leave", live.agents[short], *words, by="network")["open"]
    return [f"{one['what']} {one['next_step']}" for one in found]


def test_what_is_open_is_said_until_nothing_is(live: Live) -> None:
    """Balance, hold, request and order each with a next step; then account and membership are closed."""
    live.enrol("sai", "Sara que sai")
    live.enrol("fica", "Flávio que fica")
    live.json("pay", live.agents["fica"], "10", by="sai")
    hold = live.json("hold", "add", live.agents["fica"], "5", by="sai")
    request = live.json("request", "ask", live.agents["sai"], "7", "--due", "2030-01-31", by="fica")["request"]
    offer = live.offer("Pão da saída")
    order = live.json("order", "place", offer, "1 kg", by="sai")["order"]
    said = "\n".join(opened(live, "sai"))

    assert all(word in said for word in ("10,00 SB more", "5,00 SB is set aside", "asks for 7,00 SB", "is placed"))
    assert all(step in said for step in ("hold post", "consent decline", "order show", "write-off", "--instalment"))
    refused = live.refused("member", "leave", live.agents["sai"], "--close", "--reason", "x", by="network")
    assert refused["code"] == "still_open"
    assert len(refused["details"]["open"]) == 4

    live.json("hold", "void", hold["hold"], by="fica")
    live.json("request", "decline", request, by="sai")
    live.json("order", "cancel", order, by="sai")
    live.json("pay", live.agents["sai"], "10", by="fica")
    assert opened(live, "sai") == []
    assert "--close" in live.run("member", "leave", live.agents["sai"], by="network").stdout
    done = live.json("member", "leave", live.agents["sai"], "--close", "--reason", "Ata 14", by="network")
    assert done["closed"] is True
    assert live.json("member", "show", live.agents["sai"])["roles"] == []
    assert live.json("member", "leave", live.agents["sai"], "--close", "--reason", "Ata 14", by="network")["closed"]


def test_the_credit_of_somebody_who_died_belongs_to_the_heirs(live: Live) -> None:
    """The next steps are others' to take; a debt is delivered or written off."""
    live.enrol("morto", "Moacir")
    live.json("pay", live.agents["morto"], "4", by="bia")
    (credit,) = opened(live, "morto", "--died")
    live.json("pay", live.agents["bia"], "6", by="morto")
    (debt,) = opened(live, "morto", "--died")

    assert "heirs" in credit
    assert "mutirao slip" in credit
    assert "2,00 SB" in debt
    assert "write-off" in debt


def test_only_the_network_ends_a_membership(live: Live) -> None:
    """A member's key, or a reason that is missing, is told before anything is sent."""
    assert live.refused("member", "leave", live.agents["bia"], by="ana", exit_code=2)["next_step"]
    assert (
        "--reason"
        in live.refused("member", "leave", live.agents["bia"], "--close", by="network", exit_code=2)["next_step"]
    )
