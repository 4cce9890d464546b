"""Steps of the trade: a payment inside Vila, one over the limit, one sent twice; a crash; the offline audit.

Source: issue "The spine".

Tests: tests/cli/demo/test_once.py
"""

from __future__ import annotations

import asyncio
import subprocess
import sys

from cli.client import Client
from cli.demo.checks import Checks
from cli.demo.inside import run_inside
from cli.demo.processes import environment
from cli.demo.trade import TRADERS, Trade
from cli.errors import CliError, FailedCheckError
from cli.records import member_of
from protocol.identifiers import to_text

AMOUNT = 1250
OFFERS_WHILE_DOWN = 12
CATCH_UP_S = 30.0
CORRUPTIONS = {"balance": "UPDATE account SET balance = balance + 1 WHERE balance = (SELECT max(balance) FROM account)"}
"""Statements that damage a database on purpose, so that the demonstration can show that its audit bites."""


async def pay(trade: Trade, checks: Checks) -> None:
    """A member pays another: both balances move, the sum stays zero; too much is refused; twice counts once."""
    payee = to_text("agent", trade.members["rosa"].agent)
    kept = trade.federation.directory / "payment.json"
    first = await trade.run_as("maria", "pay", payee, "12,50", "--for", "Geleia de bergamota", "--keep", str(kept))
    await _balances(trade, checks, "after the payment")
    over = await _pay_too_much(trade, payee)
    checks.that(over.code == "debit_limit", f"too much is refused: {over.message}")
    checks.that(bool(over.message and over.next_step), "the refusal says why, and what to do")
    again = await trade.run_as("maria", "pay", "--again", str(kept))
    index = first["recorded"]["index"]
    checks.that(
        again["recorded"]["again"] and again["recorded"]["index"] == index,
        f"the same payment once more gets the first answer, entry {index}",
    )
    await _balances(trade, checks, "after the refusal and the repetition")


async def _pay_too_much(trade: Trade, payee: str) -> CliError:
    member = trade.members["maria"]
    options = ["--node", trade.federation.nodes["vila"].url, "--key", str(member.key_file), "--no-passphrase"]
    ended = await run_inside("pay", payee, "5000", *options)
    if ended.code != 1 or ended.error is None:
        raise FailedCheckError(f"A payment over the limit ended with {ended.code}.", code="check")
    return ended.error


async def _balances(trade: Trade, checks: Checks, when: str) -> None:
    """Check both balances in their owners' sessions, and the sum."""
    for short, wanted in (("maria", -AMOUNT), ("rosa", AMOUNT)):
        member = trade.members[short]
        async with trade.session(short) as client:
            view = await client.get(f"/ledger/accounts/{to_text('agent', member.agent)}")
        amount = view["balance"]["balance"]["amount"]
        checks.that(amount == wanted, f"{member.name} stands at {wanted / 100:.2f} {when}")
    sums = (await trade.federation.client("vila").get("/ledger"))["sums"]
    checks.that(all(one["amount"] == 0 for one in sums), f"the sum of all balances is zero {when}")


async def crash(trade: Trade, checks: Checks) -> None:
    """Serra is killed, Vila publishes more, Serra starts and catches up to the same root."""
    federation = trade.federation
    size = await trade.same_root(checks, "vila", "catalog")
    await federation.nodes["serra"].kill()
    checks.that(not federation.nodes["serra"].is_alive, "serra is gone (kill -9)")
    author = member_of(trade.members["padaria"].signer)
    records = [
        author.make(
            "offer",
            {
                "title": f"Cuca de fornada {number}",
                "category": "bread",
                "measure": "C62",
                "price": [{"unit": "BRL", "amount": 1500 + number}],
            },
        )
        for number in range(1, OFFERS_WHILE_DOWN + 1)
    ]
    for outcome in await federation.client("vila").submit(records):
        outcome.check()
    await federation.start(["serra"])
    await federation.connect("serra")
    checks.that(federation.nodes["serra"].is_alive, "serra runs again on the same folder")
    last = to_text("offer", records[-1].id)

    async def probe() -> bool:
        client: Client = federation.client("serra")
        return bool((await client.get(f"/offers/{last}"))["id"] == last)

    await checks.eventually("serra shows what vila published meanwhile", probe, seconds=CATCH_UP_S)
    grown = await trade.same_root(checks, "vila", "catalog")
    checks.that(grown == size + OFFERS_WHILE_DOWN, f"vila's catalog grew from {size} to {grown}")


async def verify(trade: Trade, checks: Checks, *, corrupt: str | None = None) -> None:
    """Every node stops cleanly, and `mutirao verify data` recomputes logs, signatures and balances offline."""
    federation = trade.federation
    codes = await federation.stop()
    checks.that(all(code == 0 for code in codes.values()), f"all nodes stopped cleanly ({codes})")
    if corrupt is not None:
        await _corrupt(trade, corrupt)
        checks.checked.append(f"vila's {corrupt} was changed on purpose")
    # One after the other: Alembic, which the audit asks for the schema's revision, keeps global state.
    for place, node in federation.nodes.items():
        ended = await run_inside("verify", "data", str(node.directory))
        if ended.error is not None:
            found = "; ".join(ended.error.details.get("findings", [])) or ended.error.message
            raise FailedCheckError(f"`mutirao verify data` of {place} ended with {ended.code}: {found}", code="check")
        checks.checked.append(f"`mutirao verify data` of {place} finds every log, signature and balance right")
    assert set(TRADERS) <= set(federation.nodes)


async def _corrupt(trade: Trade, what: str) -> None:
    """Damage Vila's database from outside, as a faulty disk or a meddling hand would."""
    database = trade.federation.nodes["vila"].directory / "node.sqlite"
    code = (
        "import sqlite3, sys\n"
        "with sqlite3.connect(sys.argv[1]) as connection:\n"
        "    assert connection.execute(sys.argv[2]).rowcount > 0\n"
        "connection.close()\n"
    )
    await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", code, str(database), CORRUPTIONS[what]],
        check=True,
        env=environment(),
    )
