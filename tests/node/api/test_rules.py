"""The assembly's rules over HTTP: members read them, officers see who would pay what, strangers nothing."""

from __future__ import annotations

from pathlib import Path

from protocol.identifiers import to_text
from tests.api_node import BASE, ApiNode, error_of
from tests.builders import named


async def test_members_read_rules_and_officers_previews(tmp_path: Path) -> None:
    """A rule in force is shown to members; who pays what is not theirs to see."""
    async with ApiNode(tmp_path, "vila") as node:
        await node.enrol("maria", "ana", "fundo", "aurora")
        network = node.network
        await node.publish(network.membership(network.member("aurora").id, "member", "auditor"))
        accounts = [
            network.by_network(
                "account",
                {
                    "account": network.member(name).id,
                    "action": "open",
                    "limit_low": -1000,
                    "limit_high": 5000,
                    "type": kind,
                },
            )
            for name, kind in (("maria", "member"), ("ana", "member"), ("fundo", "fund"))
        ]
        minutes = {"date": "2026-11-01", "number": "3", "hash": named("minutes")}
        terms = {
            "type": "dues",
            "title": "Taxa",
            "minutes": minutes,
            "amount": 200,
            "payee": network.member("fundo").id,
        }
        rule = network.by_network("rule", terms)
        consent = network.by("aurora", "consent", {"instruction": rule.id, "agree": True})
        await node.publish(*accounts, rule, consent)
        identifier = to_text("rule", rule.id)

        shown = await node.get("/ledger/rules", headers=await node.log_in("maria"))
        due = await node.get(
            f"/ledger/rules/{identifier}/due", headers=await node.log_in(None), params={"period": "2026-11"}
        )
        refused = await node.client.get(
            f"{BASE}/ledger/rules/{identifier}/due", headers=await node.log_in("maria"), params={"period": "2026-11"}
        )
        stranger = await node.client.get(f"{BASE}/ledger/rules")
        unknown = await node.client.get(
            f"{BASE}/ledger/rules/{to_text('rule', named('none'))}/due",
            headers=await node.log_in(None),
            params={"period": "2026-11"},
        )

        assert [(each["id"], each["title"], each["amount"]["amount"]) for each in shown["rules"]] == [
            (identifier, "Taxa", 200)
        ]
        assert [line["amount"]["amount"] for line in due["lines"]] == [200, 200]
        assert (403, "not_yours") == await error_of(refused)
        assert stranger.status == 401
        assert unknown.status == 404
