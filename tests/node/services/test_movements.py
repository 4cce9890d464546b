"""What a movement is shown to be for: the record that caused it, also where another one completed it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from node.services.book_views import MovementView
from node.services.books import Books
from node.services.ledger import PlainNames
from node.services.movements import Filter
from protocol.identifiers import to_text
from tests.books_postings import DAY_MS, Officers
from tests.ledger_builders import LEDGER, named, signed, transfer_body
from tests.ledger_node import UNIT, LedgerNode, payment, word

LATER_MS = 1_700_000_000_000 + 80_000_000
SIDES: dict[str, Any] = {"ledger": LEDGER, "payer": named("ana"), "payee": named("bento"), "unit": UNIT}


async def newest(node: LedgerNode, **wanted: Any) -> MovementView:
    """Give the newest movement that fits."""
    books = Books(node.database, node.feeds, node.ledger, node.clock, PlainNames(LEDGER))
    return (await books.movements(Filter(**wanted))).movements[0]


async def do(node: LedgerNode, kind: str, author: str, body: dict[str, Any]) -> bytes:
    """Submit an instruction that must be taken, and give its id."""
    made = signed(kind, author, body)
    assert ["opened"] == [word(each) for each in await node.ledger.submit([made])]
    return made.id


async def test_a_payment_back_is_shown_as_what_was_consented_to(tmp_path: Path) -> None:
    """The leaf is that of the consent; the reversal says why, and names the transfer."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        paid = payment("bento", "ana", 500)
        await node.ledger.submit([paid])
        reversal = await do(
            node, "reversal", "ana", {**SIDES, "transfer": paid.id, "amount": 200, "text": "tomates podres"}
        )
        await do(node, "consent", "bento", {"instruction": reversal, "agree": True})
        view = await newest(node, kind="reversal", text="tomates")

    assert (to_text("reversal", reversal), "reversal", 200) == (view.record, view.kind, view.amount.amount)
    assert [to_text("transfer", paid.id)] == view.about


async def test_a_hold_that_was_posted_is_shown_as_the_hold(tmp_path: Path) -> None:
    """The hold says what the money was set aside for, and the resolution how much of it went."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        order = named("order")
        purpose = {"text": "arroz", "order": order}
        hold = await do(node, "hold", "ana", {**SIDES, "amount": 900, "expires_ms": LATER_MS, "purpose": purpose})
        await do(node, "resolution", "ana", {"hold": hold, "action": "post", "amount": 700})
        view = await newest(node, kind="hold")

    assert (to_text("hold", hold), "arroz", 700) == (view.record, view.text, view.amount.amount)
    assert [to_text("order", order)] == view.about


async def test_words_come_from_what_asked_for_the_payment(tmp_path: Path) -> None:
    """A payment without words has those of its charge, or of the mandate that it draws on; its own come first."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        charge = {**SIDES, "amount": 300, "due_ms": LATER_MS, "purpose": {"text": "conserto"}}
        request = await do(node, "request", "bento", charge)
        body = transfer_body("ana", "bento", 100, unit=UNIT, purpose={"request": request})
        await do(node, "transfer", "ana", body)
        mute = await newest(node)
        body = transfer_body("ana", "bento", 50, unit=UNIT, purpose={"request": request, "text": "metade"})
        await do(node, "transfer", "ana", body)
        own = await newest(node)
        limits = {"amount": 500, "period": "month", "until_ms": LATER_MS, "text": "água"}
        mandate = await do(node, "mandate", "ana", {**SIDES, **limits})
        body = transfer_body("ana", "bento", 60, unit=UNIT, purpose=None, mandate=mandate)
        await do(node, "transfer", "bento", body)
        drawn = await newest(node)

    assert ("conserto", "metade", "água") == (mute.text, own.text, drawn.text)
    assert [to_text("request", request)] == mute.about == own.about
    assert [to_text("mandate", mandate)] == drawn.about


async def test_each_line_of_a_posting_has_its_own_words_and_day(tmp_path: Path) -> None:
    """Its own words, else those of the posting, else the title of the rule; an imported line keeps its day."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento", "carla", "dora")
        officers = Officers(node, ("ana", "bento", "carla", "dora"))
        await officers.begin()
        await officers.round(0)
        books = Books(node.database, node.feeds, node.ledger, node.clock, PlainNames(LEDGER))
        found = {
            type_: [
                (each.line, each.amount.amount, each.text, each.happened_ms)
                for each in (await books.movements(Filter(kind=type_))).movements
            ]
            for type_ in ("opening", "dues", "levy", "imported", "fund", "slip")
        }
        (slip,) = (await books.movements(Filter(kind="slip"))).movements
        seen_by_fund = (await books.movements(Filter(agent=named("fund"), kind="levy"))).movements

    assert {
        "opening": [(1, 1234, "caderno, folha 7", None), (0, 1234, None, None)],
        "dues": [(line, 50, "Regra: dues", None) for line in (2, 1, 0)],
        "levy": [(line, 7, "2 %; sobre vendas", None) for line in (1, 0)],
        "imported": [
            (line, amount, "planilha: 1", amount * DAY_MS) for line, amount in ((3, 1), (2, 3), (1, 2), (0, 1))
        ],
        "fund": [(0, 1, None, None)],
        "slip": [(0, 3, None, None)],
    } == found
    assert ("transfer", "slip") == (slip.kind, slip.type)
    assert [164, 157] == [each.balance_after.amount for each in seen_by_fund if each.balance_after is not None]
