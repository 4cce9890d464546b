"""Finds things on a shelf in the order of ranking, in bounded time.

A search is a conjunction of groups, each a few alternative terms: a word, and the categories that the word names. The
rarest group leads: its postings are walked in the order of ranking and each candidate is looked up under the others.
Rules kept here: a page looks at no more than SEARCH_CANDIDATES_MAX candidates; when they run out it gives what it found
and where it stopped, so that the next page goes on there and nothing is left out.
Source: docs/concepts/catalogue.md; figures in docs/operating/benchmarks.md.

Tests: tests/node/store/test_catalogue.py
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store.catalogue_index import EVERYTHING, category_term
from protocol.categories import CATEGORIES
from protocol.limits import SEARCH_CANDIDATES_MAX, SEARCH_TERMS_MAX, TERM_CHARS_MAX
from protocol.market import text as words_of

Position = tuple[int, int]
"""(rank, thing number): where a page ended."""

Group = tuple[str, ...]
"""Alternative terms, one of which a thing must have."""

_ALTERNATIVES_MAX: Final = 4
# Groups are compared by size up to here; beyond it, one that is as good as any other leads.
_COUNT_MAX: Final = 5_000
_BEGINNINGS_MAX: Final = 3
_BEGINNING_CHARS_MIN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of a search.

    Attributes:
        positions: (rank, number) of what was found, in order.
        stopped_at: Where to go on; None when nothing is left.
        total: How many there are in all, None where counting would be dear.
    """

    positions: list[Position]
    stopped_at: Position | None
    total: int | None


async def groups_of(connection: AsyncConnection, shelf: int, query: str) -> list[Group]:
    """Turn what a person typed into groups of terms.

    A word that stands in a category's label also finds what is in that category. A word that nothing has is taken for
    the beginning of one, so that "farin" finds flour.

    Args:
        connection: Any connection.
        shelf: Which shelf is searched.
        query: What was typed, at most SEARCH_CHARS_MAX characters.
    """
    groups: list[Group] = []
    for word in dict.fromkeys(word[:TERM_CHARS_MAX] for word in words_of.terms(query)):
        categories = _CATEGORIES_BY_WORD.get(word, ())[: _ALTERNATIVES_MAX - 1]
        group: Group = (word, *(category_term(identifier) for identifier in categories))
        if await _count(connection, shelf, group, 1) == 0:
            group = await _beginnings(connection, shelf, word) or group
        groups.append(group)
    return groups[:SEARCH_TERMS_MAX]


async def search(
    connection: AsyncConnection,
    *,
    shelf: int,
    groups: Sequence[Group],
    limit: int,
    now_ms: int,
    after: Position | None = None,
) -> Found:
    """Find one page.

    Args:
        connection: Any connection.
        shelf: OFFERS, NEEDS or AGENTS.
        groups: What things must have; an empty sequence finds everything on the shelf.
        limit: Rows of the page.
        now_ms: What ended before is left out.
        after: Where the last page ended.
    """
    wanted = list(groups) or [(EVERYTHING,)]
    sizes = [(await _count(connection, shelf, group, _COUNT_MAX), group) for group in wanted]
    sizes.sort(key=lambda item: item[0])
    lead, others = sizes[0][1], [group for _, group in sizes[1:]]
    start = after or (-1, -1)
    values: dict[str, Any] = {"shelf": shelf, "now": now_ms, "rank": start[0], "thing": start[1]}
    candidates = _candidates(lead, values)
    matching = _matching(others, values)
    # No ORDER BY outside: the candidates come in order, and SQLite would sort them all again before the first row.
    page = (
        f"SELECT a.rank, a.thing FROM ({candidates} ORDER BY 1, 2 LIMIT :candidates) AS a WHERE {matching} LIMIT :limit"
    )
    given = {**values, "candidates": SEARCH_CANDIDATES_MAX, "limit": limit + 1}
    rows = [(rank, number) for rank, number in await connection.execute(text(page), given)]
    assert rows == sorted(rows), "the candidates came out of order"
    total = None
    if after is None and sizes[0][0] < _COUNT_MAX:
        total = len(rows) if len(rows) <= limit else await _total(connection, candidates, matching, values)
    if len(rows) > limit:
        return Found(positions=rows[:limit], stopped_at=rows[limit - 1], total=total)
    last = f"{candidates} ORDER BY 1, 2 LIMIT 1 OFFSET :candidates"
    stopped = None
    if sizes[0][0] >= _COUNT_MAX:
        offset = {**values, "candidates": SEARCH_CANDIDATES_MAX - 1}
        row = (await connection.execute(text(last), offset)).first()
        stopped = (row[0], row[1]) if row else None
    return Found(positions=rows, stopped_at=stopped, total=total)


def _candidates(lead: Group, values: dict[str, Any]) -> str:
    """The postings of the leading group behind the start; SQLite merges the alternatives in the order of the index."""
    parts = []
    for at, term in enumerate(lead):
        values[f"lead{at}"] = term
        parts.append(
            f"SELECT rank, thing FROM posting WHERE shelf = :shelf AND term = :lead{at}"
            " AND (rank, thing) > (:rank, :thing)"
        )
    return " UNION ".join(parts)


def _matching(others: Sequence[Group], values: dict[str, Any]) -> str:
    conditions = []
    for row, group in enumerate(others):
        names = []
        for at, term in enumerate(group):
            values[f"term{row}_{at}"] = term
            names.append(f":term{row}_{at}")
        conditions.append(
            f"EXISTS (SELECT 1 FROM posting AS b WHERE b.shelf = :shelf AND b.term IN ({', '.join(names)})"
            " AND b.rank = a.rank AND b.thing = a.thing)"
        )
    conditions.append("NOT EXISTS (SELECT 1 FROM thing AS t WHERE t.number = a.thing AND t.until_ms <= :now)")
    return " AND ".join(conditions)


async def _total(connection: AsyncConnection, candidates: str, matching: str, values: dict[str, Any]) -> int:
    query = f"SELECT count(*) FROM ({candidates}) AS a WHERE {matching}"
    return int((await connection.execute(text(query), values)).scalar_one())


async def _count(connection: AsyncConnection, shelf: int, group: Group, most: int) -> int:
    """Count the postings of a group, up to `most`; things that have several of its terms count several times."""
    total = 0
    for term in group:
        query = "SELECT count(*) FROM (SELECT 1 FROM posting WHERE shelf = :shelf AND term = :term LIMIT :most) AS few"
        given = {"shelf": shelf, "term": term, "most": most - total}
        total += int((await connection.execute(text(query), given)).scalar_one())
        if total >= most:
            break
    return total


async def _beginnings(connection: AsyncConnection, shelf: int, word: str) -> Group:
    """Give the first terms that begin with `word`; each is one step down the index."""
    found: list[str] = []
    if len(word) < _BEGINNING_CHARS_MIN:
        return ()
    at = word
    while len(found) < _BEGINNINGS_MAX:
        query = "SELECT min(term) FROM posting WHERE shelf = :shelf AND term > :at"
        term = (await connection.execute(text(query), {"shelf": shelf, "at": at})).scalar_one()
        if term is None or not term.startswith(word):
            break
        found.append(term)
        at = term
    return tuple(found)


def _by_word() -> dict[str, tuple[str, ...]]:
    """For each word the categories that have it as a name of one word; what is below them has their terms too."""
    found: dict[str, list[str]] = {}
    for category in CATEGORIES.values():
        for name in (category.id, *category.labels.values(), *category.also):
            words = words_of.terms(name)
            if len(words) == 1 and category.id not in found.setdefault(words[0], []):
                found[words[0]].append(category.id)
    return {word: tuple(identifiers) for word, identifiers in found.items()}


_CATEGORIES_BY_WORD: Final = _by_word()
