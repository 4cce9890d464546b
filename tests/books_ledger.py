"""A ledger of 10,000 transfers and every other kind of movement, made through the real service and read as an export.

Names of members and words of transfers are those that other programs stumble over.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from cli.books.journal import Journal
from node.services.book_views import MovementView
from node.services.books import PAGE_MAX, Books
from node.services.ledger import PlainNames
from node.services.movements import Filter
from node.services.views import AgentRef, UnitView
from protocol.ledger import credit_unit
from protocol.record import Record
from tests.books_postings import IN_A_ROUND, Officers
from tests.ledger_builders import LEDGER, account_body, named, signed, transfer_body
from tests.ledger_node import UNIT, LedgerNode, word

TRANSFERS = 10_000
ROUNDS = 20
OF_A_KIND = 5
"""Movements of every further kind in a round."""

OFTEN = ROUNDS * OF_A_KIND
MOVEMENTS = {"transfer": TRANSFERS + 2 * OFTEN, "hold": OFTEN, "reversal": OFTEN, "opening": 2} | {
    type_: ROUNDS * count for type_, count in IN_A_ROUND.items()
}
"""How many movements of each kind there are; charges and mandates are paid by transfers."""

OTHER = credit_unit(named("serra"))
HOSTILE = (
    "Ana",
    "Ana",
    "José da Conceição",
    "Padaria: pão & cuca",
    "dois  espaços",
    "ponto; e vírgula",
    "🍞 Padaria 👩‍🌾",
    'Zé "Bigode"',
    "linha\nnova\r\noutra",
    "3 Irmãos",
    "(virtual)",
    "[balanced]",
    "* starred",
    "= 5",
    "a\\b",
    " ",
    "\u200b",
    "e\u0301 combined \u0323",
    "日本の店",
    "مخبز",
    "Assets:Members:1-Ana",
    "tab\there",
    "x" * 200,
    "@ 3 R$",
    "|pipe|",
    "#tag ^link {cost}",
    "; comment",
    "ÅÄÖ ßẞ ǆ",
)
MEMBERS = tuple(f"member {number}" for number in range(len(HOSTILE)))


class HostileNames(PlainNames):
    """Names that other programs would stumble over."""

    async def agents(self, ids: Sequence[bytes]) -> dict[bytes, AgentRef]:
        """Give each member its hostile name."""
        names = dict(zip(map(named, MEMBERS), HOSTILE, strict=True))
        plain = await super().agents(ids)
        return {each: msgspec.structs.replace(ref, name=names.get(each, ref.name)) for each, ref in plain.items()}

    async def unit(self, unit: str) -> UnitView:
        """Give two units with one symbol, which is none of a program's either."""
        return UnitView(unit=unit, name='sabiá "do mato"', symbol="E$", exponent=2 if unit == UNIT else 0)


async def make(folder: Path) -> Journal:
    """Let the movements be made through the real ledger, and read its books."""
    async with LedgerNode(folder) as node:
        await node.begin(*MEMBERS, low=-(10**9), high=10**9)
        await node.ledger.submit(
            [
                signed("account", "vila", account_body(name, low=-(10**9), high=10**9, unit=OTHER, type="treasury"))
                for name in MEMBERS[:3]
            ]
        )
        officers = Officers(node, MEMBERS)
        await officers.begin()
        chosen = random.Random(4)
        for number in range(ROUNDS):
            node.clock.time_ms += 3_600_000
            transfers = [transfer(chosen, number, each) for each in range(TRANSFERS // ROUNDS)]
            asked, answers = others(chosen, number, transfers)
            for batch in (transfers, asked, answers):
                assert {"opened"} == {word(each) for each in await node.ledger.submit(batch)}
            await officers.round(number)
        return await read(Books(node.database, node.feeds, node.ledger, node.clock, HostileNames(LEDGER)))


def transfer(chosen: random.Random, number: int, place: int) -> Record:
    """Give a transfer between two members; one in fifty is in the other unit."""
    is_other = place % 50 == 0
    payer, payee = chosen.sample(MEMBERS[:3] if is_other else MEMBERS, 2)
    text = f"{chosen.choice(HOSTILE)} {place}".replace("\r", "")[:100]
    changes: dict[str, Any] = {"unit": OTHER if is_other else UNIT, "purpose": {"text": text}}
    if place % 50 == 1:
        changes["official"] = {"unit": "BRL", "amount": place * 100}
    body = transfer_body(payer, payee, chosen.randrange(1, 10_000), **changes)
    return signed("transfer", payer, body, nonce=f"{number} {place}")


def others(chosen: random.Random, number: int, transfers: Sequence[Record]) -> tuple[list[Record], list[Record]]:
    """Give what is asked in a round, and the answers that move credit: holds, charges, mandates, payments back."""
    asked: list[Record] = []
    answers: list[Record] = []
    names = {named(name): name for name in MEMBERS}
    for place in range(OF_A_KIND):
        payer, payee = chosen.sample(MEMBERS, 2)
        nonce = f"other {number} {place}"
        amount = chosen.randrange(2, 10_000)
        sides: dict[str, Any] = {"ledger": LEDGER, "payer": named(payer), "payee": named(payee), "unit": UNIT}
        until_ms = 1_700_000_000_000 + 90_000_000
        hold = signed("hold", payer, {**sides, "amount": amount, "expires_ms": until_ms}, nonce=nonce)
        part = {"hold": hold.id, "action": "post", "amount": amount // 2}
        request = signed("request", payee, {**sides, "amount": amount, "due_ms": until_ms}, nonce=nonce)
        paid = transfer_body(payer, payee, amount, unit=UNIT, purpose={"request": request.id})
        limits = {"amount": 10_000, "period": "day", "until_ms": until_ms, "text": HOSTILE[place]}
        mandate = signed("mandate", payer, {**sides, **limits}, nonce=nonce)
        drawn = transfer_body(payer, payee, amount, unit=UNIT, purpose=None, mandate=mandate.id)
        wrong = transfers[place * 7].body_value()
        back = {name: wrong[name] for name in ("ledger", "amount", "unit")}
        back |= {"payer": wrong["payee"], "payee": wrong["payer"], "transfer": transfers[place * 7].id}
        reversal = signed("reversal", names[wrong["payee"]], back, nonce=nonce)
        consent = {"instruction": reversal.id, "agree": True}
        asked += [hold, request, mandate, reversal]
        answers += [
            signed("resolution", payer, part, nonce=nonce),
            signed("transfer", payer, paid, nonce=nonce),
            signed("transfer", payee, drawn, nonce=nonce),
            signed("consent", names[wrong["payer"]], consent, nonce=nonce),
        ]
    return asked, answers


async def read(books: Books) -> Journal:
    """Read the books page by page, and give their views as they come over the wire."""
    found: list[MovementView] = []
    cursor: str | None = None
    while True:
        page = await books.movements(Filter(), cursor=cursor, limit=PAGE_MAX)
        found += page.movements
        cursor = page.cursor
        if cursor is None:
            break
    trial = await books.trial()
    return Journal(
        network='Rede "Vila"; \n: x', trial=msgspec.to_builtins(trial), movements=msgspec.to_builtins(found[::-1])
    )
