"""`mutirao member`: who belongs to the network."""

from pathlib import Path

from tests.cli.live import Live


def test_members_are_listed_and_shown(live: Live) -> None:
    """Everybody who was enrolled stands in the list with name and type."""
    rows = {row["id"]: row for row in live.json("member", "list")}
    shown = live.run("member", "show", live.agents["padaria"])

    assert rows[live.agents["ana"]]["name"] == "Ana Weber"
    assert rows[live.agents["padaria"]]["type"] == "enterprise"
    assert "Padaria Pão da Gente (enterprise) of Rede Vila" in shown.stdout
    assert "São Leopoldo" in shown.stdout


def test_only_the_network_enrols(live: Live, elsewhere: Path) -> None:
    """A member's key is refused before anything is sent, and no key file is left behind."""
    error = live.refused("member", "add", "X", "--key-out", "x.key", "--no-passphrase", by="ana", exit_code=2)

    assert "record key" in error["message"]
    assert not Path("x.key").exists()


def test_whose_keys_sign_must_be_said(live: Live) -> None:
    """Neither or both of --key-out and --request is a usage problem."""
    assert "--request" in live.refused("member", "add", "X", by="network", exit_code=2)["next_step"]


def test_a_refused_enrolment_leaves_no_keys(live: Live, elsewhere: Path) -> None:
    """The same name can be used for the next try."""
    long_name = "A" * 5_000
    live.refused("member", "add", long_name, "--key-out", "x.key", "--no-passphrase", by="network", exit_code=2)

    assert not Path("x.key").exists()


def test_limits_must_allow_zero(live: Live, elsewhere: Path) -> None:
    """An account that could never stand at zero isn't opened."""
    words = ["member", "add", "X", "--key-out", "x.key", "--limit-low", "5", "--limit-high", "9", "--no-passphrase"]

    assert "zero" in live.refused(*words, by="network", exit_code=2)["message"]


def test_a_second_enrolment_of_the_same_file_is_refused(live: Live) -> None:
    """The key file is never overwritten."""
    words = ["member", "add", "Ana", "--key-out", str(live.key("ana")), "--no-passphrase"]

    assert "never overwritten" in live.refused(*words, by="network", exit_code=2)["message"]


def test_an_unknown_agent_is_not_found(live: Live) -> None:
    """The node's own words reach the person."""
    unknown = live.agents["ana"][:-3] + "aaa"

    assert live.refused("member", "show", unknown)["next_step"]


def test_half_of_the_limits_is_refused(live: Live) -> None:
    """Somebody whose upper limit was forgotten could never be paid; nothing is enrolled."""
    words = ["member", "add", "Y", "--key-out", "y.key", "--limit-low=-100", "--no-passphrase"]
    error = live.refused(*words, by="network", exit_code=2)

    assert "--limit-high" in error["next_step"]


def test_a_request_is_taken_once(live: Live, elsewhere: Path) -> None:
    """Who keeps their own keys is enrolled by their request, once, and their profile is theirs to publish."""
    live.json("key", "new", "bia.key", "--name", "Bia", "--no-passphrase")
    live.json("key", "agent", "bia.key")
    words = ["member", "add", "Bia", "--request", "bia.request"]

    refused = live.refused(*words, "--city", "Vila", by="network", exit_code=2)
    assert "profile" in refused["next_step"]
    live.run(*words, by="network")
    again = live.refused(*words, "--role", "treasurer", by="network", exit_code=1)

    assert again["code"] == "conflict"
    assert "treasurer" not in live.json("member", "show", again["message"].split()[-1].rstrip("."))["roles"]
