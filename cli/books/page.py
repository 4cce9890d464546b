"""Pages to print: the statement of an account, and the statistics; each one file that needs nothing beside it.

Rules kept here: the words are those that members know, in their language; what members wrote is escaped; no script,
and nothing is fetched from anywhere.
Source: docs/members.md; docs/operating/books.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from cli.amounts import money_text
from cli.books import plot
from cli.books.journal import day_of
from cli.books.naming import one_line
from cli.books.statement import Statement
from cli.books.words import words_in
from cli.values import unscaled

MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STYLE = """\
@page { size: A4; margin: 18mm }
body { font: 15px/1.5 sans-serif; color: #222; max-width: 46rem; margin: 1.5rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
.when { color: #555; margin: 0 0 1rem }
.sentence { font-size: 1.15rem; font-weight: bold; margin: 1rem 0 0 }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
th, td { text-align: left; padding: .3rem .5rem; border-bottom: 1px solid #ccc; vertical-align: top }
.number { text-align: right }
td.number, td:first-child { white-space: nowrap }
tr.sum td { font-weight: bold; border-bottom: 2px solid #222 }
tr { break-inside: avoid } thead { display: table-header-group }
footer { color: #555; font-size: .85rem; margin-top: 2rem } svg { max-width: 100%; height: auto }
@media screen and (max-width: 40rem) {
  table { display: block; overflow-x: auto; font-size: .8rem } th, td { padding: .3rem .35rem }
}
"""


def statement_page(statement: Statement, *, language: str | None, today_ms: int) -> str:
    """Write a statement as a page.

    Args:
        statement: of one account.
        language: the reader's; Portuguese where it is none of ours.
        today_ms: stands where the period has no end; the limits, which are those of now, only stand where it ends now.
    """
    tag, words = words_in(language)
    period = statement.period
    is_of_now = period["until_ms"] is None or period["until_ms"] >= today_ms
    until = day_in(period["until_ms"] or today_ms, tag)
    begun = period["from_ms"]
    when = words["all_time" if begun is None else "from_to"].format(**{"from": day_in(begun or 0, tag), "to": until})
    heading = [words[name] for name in ("day", "who", "for", "paid", "received", "balance")]
    rows = [_sum_row(words["opening"], period["opening"]), *(_entry_row(each, tag) for each in statement.entries)]
    totals = ["", words["sum"], "", number_text(period["given"]), number_text(period["received"]), ""]
    body = [
        f"<h1>{safe(words['title'].format(name=statement.name))}</h1>",
        f'<p class="when">{safe(statement.network)} · {safe(when)}</p>',
        f'<p class="sentence">{safe(_sentence(period["closing"], words))}</p>',
        f"<p>{safe(_limit(statement.balance, words))}</p>" if is_of_now else "",
        table(heading, [*rows, ("sum", totals), _sum_row(words["closing"], period["closing"])], numbers=3),
        "" if statement.entries else f"<p>{safe(words['nothing'])}</p>",
        f"<footer>{safe(words['footer'].format(size=period['size']))}</footer>",
    ]
    return document(tag, words["title"].format(name=statement.name), body)


def statistics_page(view: Mapping[str, Any], *, network: str, language: str | None) -> str:
    """Write the statistics as a page with plots and their numbers.

    Args:
        view: as the node gives it.
        network: the network's name.
        language: the reader's.
    """
    tag, words = words_in(language)
    months = [
        ("", [each["month"], str(each["movements"]), str(each["active"]), *_month_numbers(each)])
        for each in view["months"]
    ]
    stuck = [
        (
            "",
            [
                each["account"]["name"],
                words[each["side"]],
                "" if each["since_ms"] is None else day_in(each["since_ms"], tag),
                str(each["refused"]),
                money_text(each["balance"]),
                money_text(each["limit"]),
            ],
        )
        for each in view["stuck"]
    ]
    heading = [words[name] for name in ("month", "movements", "active", "volume", "positive", "turns")]
    heading_stuck = [words[name] for name in ("account", "side", "since", "refused", "balance", "limit_name")]
    body = [
        f"<h1>{safe(words['statistics'])}</h1>",
        f'<p class="when">{safe(network)}</p>',
        statistics_picture(view, language=language),
        table(heading, months, numbers=5),
        f"<h2>{safe(words['stuck'])}</h2>",
        table(heading_stuck, stuck, numbers=3) if stuck else f"<p>{safe(words['nothing'])}</p>",
        f"<footer>{safe(words['footer'].format(size=view['size']))}</footer>",
    ]
    return document(tag, words["statistics"], body)


def statistics_picture(view: Mapping[str, Any], *, language: str | None) -> str:
    """Draw the statistics: volume, positive balances, and how often credit changes hands.

    Args:
        view: as the node gives it.
        language: the reader's.
    """
    _, words = words_in(language)
    months = view["months"]
    labels = [each["month"] for each in months]
    symbol, exponent = view["unit"]["symbol"], view["unit"]["exponent"]

    def money(number: int) -> str:
        return f"{unscaled(number, exponent)} {symbol}"

    rows = [
        (words["volume"], [each["volume"]["amount"] for each in months], money),
        (words["positive"], [each["positive"]["amount"] for each in months], money),
        (words["turns"], [each["turns"] or 0 for each in months], turns_text),
    ]
    return plot.picture(
        [
            plot.bars(title, labels, values, write, top=plot.HEIGHT * at)
            for at, (title, values, write) in enumerate(rows)
        ]
    )


def _month_numbers(month: Mapping[str, Any]) -> list[str]:
    return [money_text(month["volume"]), money_text(month["positive"]), turns_text(month["turns"])]


def turns_text(thousandths: int | None) -> str:
    """Write how often credit changes hands, with one decimal; nothing for None."""
    return "" if thousandths is None else unscaled(thousandths // 100, 1)


def _sentence(balance: Mapping[str, Any], words: Mapping[str, str]) -> str:
    amount = balance["amount"]
    if not amount:
        return words["even"]
    return words["above" if amount > 0 else "below"].format(amount=money_text({**balance, "amount": abs(amount)}))


def _limit(balance: Mapping[str, Any], words: Mapping[str, str]) -> str:
    low = {**balance["limit_low"], "amount": abs(balance["limit_low"]["amount"])}
    return words["limit"].format(low=money_text(low), room=money_text(balance["spendable"]))


Row = tuple[str, Sequence[str]]
"""The class of a row of a table, and its cells."""


def _sum_row(words: str, balance: Mapping[str, Any]) -> Row:
    return "sum", ["", words, "", "", "", number_text(balance)]


def _entry_row(entry: Mapping[str, Any], language: str) -> Row:
    amount = entry["amount"]
    size = number_text({**amount, "amount": abs(amount["amount"])})
    paid, received = (size, "") if amount["amount"] < 0 else ("", size)
    cells = [
        day_in(entry.get("happened_ms") or entry["time_ms"], language),
        entry["other"]["name"],
        entry.get("purpose") or "",
        paid,
        received,
    ]
    return "", [*cells, number_text(entry["balance_after"])]


def number_text(view: Mapping[str, Any]) -> str:
    """Write an amount as a printed table shows it, with a true minus."""
    return money_text(view).replace("-", "\N{MINUS SIGN}")


def day_in(time_ms: int, language: str) -> str:
    """Write a day in the order of a language: 24/11/2026, or 24 Nov 2026."""
    year, month, day = day_of(time_ms).split("-")
    return f"{int(day)} {MONTHS_EN[int(month) - 1]} {year}" if language == "en" else f"{day}/{month}/{year}"


def table(heading: Iterable[str], rows: Iterable[Row], *, numbers: int) -> str:
    """Write a table whose last columns are numbers."""
    cells = list(heading)
    marks = [' class="number"' if at >= len(cells) - numbers else "" for at in range(len(cells))]
    lines = ["<table><thead><tr>", *(f"<th{mark}>{safe(cell)}</th>" for mark, cell in zip(marks, cells, strict=True))]
    lines.append("</tr></thead><tbody>")
    for name, row in rows:
        lines.append(f'<tr class="{name}">' if name else "<tr>")
        lines += [f"<td{mark}>{safe(cell)}</td>" for mark, cell in zip(marks, row, strict=True)]
        lines.append("</tr>")
    return "\n".join([*lines, "</tbody></table>"])


def safe(text: str) -> str:
    """Escape what is written into a page, on one line."""
    return escape(one_line(text))


def document(language: str, title: str, body: Iterable[str]) -> str:
    """Write a page that needs nothing beside it."""
    head = [
        "<!doctype html>",
        f'<html lang="{language}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{safe(title)}</title><style>\n{STYLE}</style></head><body>",
    ]
    return "\n".join([*head, *filter(None, body), "</body></html>"]) + "\n"
