"""`mutirao seal` and `mutirao attest`."""

from tests.cli.live import Live


def test_a_seal_is_given_and_taken_back(live: Live) -> None:
    """Two visits, an award, a revocation; the seal's page follows."""
    live.enrol("comissao", "Comissão", "--type", "commission", "--role", "member", "--role", "commission")
    offer = live.offer("Pão com selo")
    words = ["seal", "create", "Feito Aqui", "--about", "Daqui.", "--criterion", "Receita à vista", "--quorum", "2"]
    seal = live.json(*words, by="comissao")["seal"]
    visits = [live.json("attest", "visit", seal, offer, "pass", by=by)["attestation"] for by in ("ana", "bia")]
    given = [part for visit in visits for part in ("--visit", visit)]
    award = live.json("attest", "award", seal, offer, *given, by="comissao")["attestation"]

    assert [one["state"] for one in live.json("seal", "show", seal)["subjects"]] == ["valid"]
    live.json("attest", "revoke", seal, offer, award, "--note", "Mudou a receita.", by="comissao")
    assert [one["state"] for one in live.json("seal", "show", seal)["subjects"]] == ["revoked"]
    assert "revocation by Comissão" in live.run("seal", "show", seal).stdout


def test_only_the_commission_awards(live: Live) -> None:
    """Somebody else's award is refused."""
    offer = live.offer("Pão sem selo")
    words = ["seal", "create", "Outro Selo", "--about", "x", "--criterion", "y", "--quorum", "1"]
    seal = live.json(*words, "--commission", live.agents["padaria"], by="padaria")["seal"]
    visit = live.json("attest", "visit", seal, offer, "pass", "--conflict", by="ana")["attestation"]

    assert live.refused("attest", "award", seal, offer, "--visit", visit, by="bia")["code"]


def test_seals_are_listed_with_their_ids(live: Live) -> None:
    """Whoever visits finds the id of the seal without asking anybody."""
    words = ["seal", "create", "Selo da Lista", "--about", "x", "--criterion", "y"]
    seal = live.json(*words, by="padaria")["seal"]

    assert seal in [view["id"] for view in live.json("seal", "list")]
    assert seal in live.run("seal", "list").stdout
