"""The two pages of a closed year: plain words for the assembly, the books for the auditors.

Rules kept here: the assembly's page names no member's balance; each page is one file that needs nothing beside it; the
words are those that members know.
Source: docs/operating/cash.md; docs/members.md.

Tests: tests/cli/commands/test_year.py
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cli.amounts import money_text
from cli.books.page import day_in, document, number_text, safe, table
from cli.books.words import words_in
from cli.books.year import MEMBER, BoxRow, Row, Year
from cli.books.year_words import YEAR_WORDS
from cli.cash import who_text
from cli.values import day_ms

ASSEMBLY = "assembly.html"
BOOKS = "books.html"
AUDITOR_LINES = 3


def year_pages(year: Year, *, language: str | None, minutes: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Write both pages.

    Args:
        year: the period.
        language: the readers'; Portuguese where it is none of ours.
        minutes: day and number of the assembly that closed it; None before it did.

    Returns:
        The pages by file name.
    """
    tag, common = words_in(language)
    words = {**common, **YEAR_WORDS[tag]}
    head = f'<p class="when">{safe(year.network)} · {safe(_when(year, words, tag))}</p>'
    return {
        ASSEMBLY: document(tag, words["plain"], _assembly(year, words, head, tag, minutes)),
        BOOKS: document(tag, words["books"], _books(year, words, head, tag)),
    }


def _assembly(
    year: Year, words: Mapping[str, str], head: str, tag: str, minutes: Mapping[str, Any] | None
) -> list[str]:
    moved = [each for each in year.volume if each["amount"]]
    active = sum(row.is_active for row in year.rows)
    sentences = [words["people"].format(accounts=len(year.rows), active=active)]
    sentences.append(words["volume"].format(amount=_list(moved)) if moved else words["still"])
    sentences += _sides(year, words)
    decided = words["proposed"]
    if minutes:
        decided = words["decided"].format(date=day_in(day_ms(minutes["date"]), tag), number=minutes["number"])
    funds = [row for row in year.rows if row.kind != MEMBER]
    return [
        f"<h1>{safe(words['plain'])}</h1>",
        head,
        f'<p class="sentence">{safe(_verdict(year, words))}</p>',
        *(f"<p>{safe(sentence)}</p>" for sentence in sentences),
        f"<h2>{safe(words['funds'])}</h2>" if funds else "",
        _accounts(funds, words, is_long=False) if funds else "",
        f"<h2>{safe(words['cash'])}</h2>",
        _boxes(year.boxes, words) if year.boxes else f"<p>{safe(words['no_cash'])}</p>",
        *(f"<p>{safe(_counted(box, words))}</p>" for box in year.boxes),
        f"<p>{safe(decided)}</p>",
        _signatures(words),
    ]


def _books(year: Year, words: Mapping[str, str], head: str, tag: str) -> list[str]:
    named = {"size": year.size, "root": year.root, "balances": year.balances.hex()}
    lines = [
        (
            "",
            [
                day_in(line["at_ms"], tag),
                line["box"],
                who_text(line),
                line.get("text") or "",
                number_text(line["amount"]) if line.get("direction") == "in" else "",
                number_text(line["amount"]) if line.get("direction") == "out" else "",
                number_text(line["amount"]) if line["kind"] == "count" else "",
            ],
        )
        for line in year.cash
    ]
    heading = [words[name] for name in ("day", "box", "who", "for", "in", "out", "counted")]
    return [
        f"<h1>{safe(words['books'])}</h1>",
        head,
        f'<p class="sentence">{safe(_verdict(year, words))}</p>',
        _accounts(year.rows, words, is_long=True, sums=year.sums),
        f"<h2>{safe(words['cash'])}</h2>",
        _boxes(year.boxes, words) if year.boxes else f"<p>{safe(words['no_cash'])}</p>",
        f"<h2>{safe(words['cash_book'])}</h2>" if lines else "",
        table(heading, lines, numbers=3) if lines else "",
        f"<p>{safe(words['check'])}</p>",
        _signatures(words),
        f'<footer style="overflow-wrap: anywhere">{safe(words["fingerprint"].format(**named))}</footer>',
    ]


def _verdict(year: Year, words: Mapping[str, str]) -> str:
    return words["wrong" if any(each["amount"] for each in year.sums) else "adds_up"]


def _sides(year: Year, words: Mapping[str, str]) -> list[str]:
    """Say how many stand above and below zero, in each unit in which somebody does."""
    said = []
    for total in year.sums:
        standing = [row.closing["amount"] for row in year.rows if row.closing["unit"] == total["unit"]]
        above = [amount for amount in standing if amount > 0]
        below = sum(amount < 0 for amount in standing)
        if above:
            credit = money_text({**total, "amount": sum(above)})
            said.append(words["sides"].format(above=len(above), sum=credit) + " " + words["owing"].format(below=below))
    return said


def _accounts(
    rows: Sequence[Row], words: Mapping[str, str], *, is_long: bool, sums: Sequence[Mapping[str, Any]] = ()
) -> str:
    names = ["opening", "received", "given", "closing"]
    heading = [words["account"], *([words["kind"]] if is_long else []), *(words[name] for name in names)]
    made: list[tuple[str, Sequence[str]]] = []
    for row in rows:
        numbers = [number_text(view) for view in (row.opening, row.received, row.given, row.closing)]
        name = f"{row.number} {row.name}" if is_long else row.name
        made.append(("", [name, *([words.get(row.kind, row.kind)] if is_long else []), *numbers]))
    made += [("sum", [words["sum"], "", "", "", "", number_text(total)]) for total in sums]
    return table(heading, made, numbers=4)


def _boxes(boxes: Sequence[BoxRow], words: Mapping[str, str]) -> str:
    heading = [words[name] for name in ("box", "opening", "in", "out", "closing", "counted")]
    rows = [
        (
            "",
            [
                box.box,
                *(number_text(view) for view in (box.opening, box.incoming, box.outgoing, box.closing)),
                number_text(box.counted) if box.counted else "",
            ],
        )
        for box in boxes
    ]
    return table(heading, rows, numbers=5)


def _counted(box: BoxRow, words: Mapping[str, str]) -> str:
    if box.difference is None:
        return words["uncounted"].format(box=box.box)
    if not box.difference["amount"]:
        return words["counted_right"].format(box=box.box)
    return words["counted_wrong"].format(box=box.box, amount=number_text(box.difference))


def _signatures(words: Mapping[str, str]) -> str:
    lines = [words["treasurer"], *[words["auditor"]] * AUDITOR_LINES]
    signed = "".join(f"<p>{safe(line)}: ______________________________</p>" for line in lines)
    return f"<h2>{safe(words['signatures'])}</h2>{signed}"


def _when(year: Year, words: Mapping[str, str], tag: str) -> str:
    name = "all_time" if year.from_ms is None else "from_to"
    return words[name].format(**{"from": day_in(year.from_ms or 0, tag), "to": day_in(year.until_ms, tag)})


def _list(views: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(money_text(view) for view in views)
