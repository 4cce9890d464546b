"""Printed pages: whole, in the members' words, and safe whatever members wrote."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from cli.books.page import statement_page, statistics_page
from cli.books.statement import Statement
from cli.books.words import WORDS

EVIL = '<script>alert("x")</script>'
OFF_MEMBERS_PAGES = ("epoch", "leaf", "root", "quorum", "did:key", "velocity", "hash")


def money(amount: int) -> dict[str, Any]:
    """Give an amount as a node does."""
    return {"unit": "agent:x", "symbol": "SB", "exponent": 2, "amount": amount, "is_credit": True}


def statement(closing: int, *, name: str = "Ana", entries: int = 2) -> Statement:
    """Give a statement of some movements."""
    row = {"transfer": "transfer:x", "kind": "transfer", "time_ms": 1_700_000_000_000, "purpose": EVIL}
    return Statement(
        network="Rede Vila",
        period={
            "number": 1,
            "account": {"name": name},
            "from_ms": 1_699_999_000_000,
            "until_ms": None,
            "size": 12,
            "opening": money(0),
            "received": money(500),
            "given": money(500 - closing),
            "closing": money(closing),
        },
        balance={"limit_low": money(-100_00), "limit_high": money(500_00), "spendable": money(70_00)},
        entries=[
            {**row, "other": {"name": "Bia"}, "amount": money(-1250), "balance_after": money(-1250)},
            {**row, "other": {"name": EVIL}, "amount": money(500), "balance_after": money(closing)},
        ][:entries],
    )


class Tags(HTMLParser):
    """Collects what a page opens and closes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.seen.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that is closed at once."""
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost tag, which must be this one."""
        assert tag == self.open.pop()


def tags_of(page: str) -> set[str]:
    """Give the tags of a page, whose tags must close in order."""
    parser = Tags()
    parser.feed(page)
    assert not parser.open
    return parser.seen


@pytest.mark.parametrize(
    ("closing", "sentence"),
    [
        (-30_00, "You received 30,00 SB more than you delivered."),
        (30_00, "You delivered 30,00 SB more than you received."),
        (0, "You delivered as much as you received."),
    ],
)
def test_the_balance_is_a_sentence(closing: int, sentence: str) -> None:
    """Who stands below zero has received more than delivered."""
    assert sentence in statement_page(statement(closing), language="en", today_ms=1_700_000_000_000)


@pytest.mark.parametrize("language", list(WORDS))
def test_a_page_is_whole_and_safe(language: str) -> None:
    """No script, nothing from elsewhere, tags closed, words that members know, text of members as text."""
    page = statement_page(statement(-1000, name=EVIL), language=language, today_ms=1_700_000_000_000)

    assert "script" not in tags_of(page)
    assert not re.search(r"https?://|@import|url\(", page)
    assert not [word for word in OFF_MEMBERS_PAGES if word in page.lower()]
    assert f'<html lang="{language}">' in page
    assert "&lt;script&gt;" in page


def test_a_period_without_movements_says_so() -> None:
    """An empty statement still has its opening and closing."""
    page = statement_page(statement(0, entries=0), language="pt-BR", today_ms=1_700_000_000_000)

    assert "Nada neste período." in page
    assert "14/11/2023" in page


def test_languages_have_the_same_words() -> None:
    """No word is missing in a language."""
    assert 1 == len({frozenset(words) for words in WORDS.values()})


@pytest.mark.parametrize("stuck", [0, 1])
def test_statistics_are_a_page_with_plots_and_numbers(stuck: int) -> None:
    """Three plots, a row a month, and who is stuck, by name."""
    side = {
        "account": {"name": EVIL, "id": "agent:a"},
        "side": "low",
        "since_ms": None,
        "refused": 3,
        "balance": money(-100_00),
        "limit": money(-100_00),
    }
    month = {"movements": 4, "active": 3, "volume": money(100)}
    view = {
        "unit": {"unit": "agent:x", "name": "sabiá", "symbol": "SB", "exponent": 2},
        "size": 12,
        "accounts": 3,
        "months": [
            {**month, "month": "2026-10", "positive": money(0), "turns": None},
            {**month, "month": "2026-11", "positive": money(7), "turns": 4321},
        ],
        "stuck": [side] * stuck,
    }
    page = statistics_page(view, network="Vila", language="es")

    assert {"svg", "rect", "table"} <= tags_of(page)
    assert 3 == page.count('role="img"')
    assert "4,3" in page
    assert ("no puede pagar" in page) == bool(stuck)
    assert "script" not in tags_of(page)
