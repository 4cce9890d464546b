"""`mutirao offer` and `mutirao need`."""

from tests.cli.live import Live


def test_an_offer_is_published_found_shown_revised_and_ended(live: Live) -> None:
    """The whole life of an offer by commands."""
    identifier = live.offer("Pão de centeio", "padaria", "--price", "2 SB", "--per", "kg", "--about", "Fermentado.")
    found = live.json("offer", "list", "CENTEIO")
    shown = live.run("offer", "show", identifier)
    revised = live.json("offer", "revise", identifier, "--price", "10,00 BRL", "--quantity", "20 kg", by="padaria")
    view = live.json("offer", "show", identifier)
    live.json("offer", "end", identifier, by="padaria")

    assert [row["id"] for row in found] == [identifier]
    assert "9,00 R$ + 2,00 SB / kg" in shown.stdout
    assert revised["offer"] == identifier
    assert (view["price"]["parts"][0]["amount"], view["quantity"], view["about"]) == (1000, 20000, "Fermentado.")
    assert identifier not in [row["id"] for row in live.json("offer", "list", "centeio")]


def test_a_need_is_answered_by_an_offer(live: Live) -> None:
    """Each shows the other."""
    need = live.json("need", "add", "Broa", "--category", "bread", "--quantity", "3 kg", by="ana")["need"]
    offer = live.offer("Broa de milho", "padaria", "--answers", need)

    assert [one["id"] for one in live.json("need", "show", need)["answered_by"]] == [offer]
    assert live.json("offer", "show", offer)["answers"]["id"] == need


def test_only_its_author_revises_an_offer(live: Live) -> None:
    """Another member is refused with a code and a next step."""
    identifier = live.offer("Rosca")
    error = live.refused("offer", "revise", identifier, "--title", "Rosquinha", by="ana")

    assert error["code"] == "not_author"
    assert error["next_step"]


def test_what_cannot_be_meant_is_refused_here(live: Live) -> None:
    """An unknown category names what is near; nothing is sent."""
    error = live.refused("offer", "add", "Pão", "--category", "farinha de trig", by="ana", exit_code=2)

    assert "wheat-flour" in error["next_step"]


def test_a_table_is_for_people(live: Live) -> None:
    """Without --json there is a table with headings, or a sentence."""
    live.offer("Sonho de creme")

    assert "title" in live.run("offer", "list", "sonho").stdout
    assert live.run("offer", "list", "helicóptero").stdout == "No offer fits.\n"


def test_a_day_that_is_over_is_refused(live: Live) -> None:
    """An offer that nobody could order isn't published by a slip of the year."""
    done = live.run("offer", "add", "Bolo", "--category", "bread", "--until", "31/12/2020", by="padaria")

    assert 2 == done.exit_code
    assert "is over already" in done.stderr


def test_an_id_of_another_kind_is_told_apart(live: Live) -> None:
    """What came and what was wanted stand as people see them."""
    done = live.run("offer", "show", live.agents["ana"])

    assert 2 == done.exit_code
    assert "begins with agent:, wanted is one with offer:" in done.stderr
