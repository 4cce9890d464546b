"""Catalogue search over a generated table of offers: p99 of many different searches, broad and narrow ones.

`MUTIRAO_BENCH_OFFERS` sets the size, 100,000 by default; 1000000 takes some minutes to fill. The rows are those that
the node itself would have written (the same words, ranks and tables), without the records behind them; what is
measured is a reader's whole search, from the words that were typed to the page of numbers.
Each round asks every search once, its pages in random order.
"""

import asyncio
import itertools
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store import search
from node.store.catalogue_index import describe, rank_of
from node.store.catalogue_tables import OFFERS, posting, thing
from node.store.database import Database
from protocol.categories import CATEGORIES
from tests.bench.rows import Row

OFFERS_DEFAULT = 100_000
Rows = list[dict[str, Any]]
BATCH = 20_000
NOW_MS = 1_700_000_000_000
SEED = 20261123
NETWORKS = 400
QUALITIES = [
    "integral",
    "caseiro",
    "fresco",
    "seco",
    "moído",
    "orgânico",
    "colonial",
    "artesanal",
    "grande",
    "pequeno",
    "branco",
    "preto",
]
PACKS = ["saco", "caixa", "pacote", "cento", "dúzia", "litro", "quilo", "arroba", "balde", "fardo"]
NAMES = [f"sítio {letter}{number}" for letter in "abcdefghij" for number in range(1500)]


def main(rounds: int) -> list[Row]:
    """Measure; see `tests/bench/rows.py`."""
    count = int(os.environ.get("MUTIRAO_BENCH_OFFERS", OFFERS_DEFAULT))
    with tempfile.TemporaryDirectory() as folder:
        times_ms = asyncio.run(_measure(Path(folder), count, rounds))
    p99_ms = statistics.quantiles(times_ms, n=100)[98]
    name = f"search over {count:,} offers, {len(times_ms):,} searches"
    median = Row(name=f"{name}, median", rate=statistics.median(times_ms), unit="ms", lower_is_better=True)
    slowest = Row(name=f"{name}, slowest", rate=max(times_ms), unit="ms", lower_is_better=True)
    return [Row(name=name, rate=p99_ms, unit="ms p99", floor=100, aim=30, lower_is_better=True), median, slowest]


def offers(count: int) -> Iterator[tuple[str, str, int]]:
    """Give titles, categories and prices, the same ones at each run; categories are as uneven as in a real market."""
    source = random.Random(SEED)
    categories = [category for category in CATEGORIES.values() if category.broader]
    weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(categories))))
    for _ in range(count):
        category = source.choices(categories, cum_weights=weights)[0]
        title = " ".join(
            (
                category.labels["pt"],
                source.choice(QUALITIES),
                source.choice(PACKS),
                "do",
                source.choice(NAMES),
            )
        )
        yield title, category.id, source.randrange(50, 100_000)


def searches() -> list[str]:
    """Give what people type: broad words, narrow ones, several, unknown ones, beginnings, and nothing at all."""
    labels = [category.labels[language] for category in CATEGORIES.values() for language in ("pt", "es", "en")]
    several = [f"{one} {other}" for one, other in itertools.product(QUALITIES, PACKS)]
    narrow = [f"mel {name}" for name in NAMES[:: len(NAMES) // 40]]
    clashing = [f"{one} {other}" for one, other in itertools.pairwise(labels)]
    return [
        "",
        *QUALITIES,
        *PACKS,
        *labels,
        *several,
        *narrow,
        *clashing,
        "farin",
        "xyzzy",
        "feijao",
        "integral quilo mel",
    ]


async def _measure(folder: Path, count: int, rounds: int) -> list[float]:
    database = await Database.open(f"sqlite+aiosqlite:///{folder / 'node.sqlite'}")
    try:
        await _fill(database, count)
        times_ms: list[float] = []
        source = random.Random(SEED)
        for _ in range(rounds):
            asked = searches()
            source.shuffle(asked)
            for query in asked:
                begun = time.perf_counter()
                async with database.read() as connection:
                    found = await _ask(connection, query)
                    times_ms.append((time.perf_counter() - begun) * 1000)
                    if found.stopped_at is not None and source.random() < 0.1:
                        begun = time.perf_counter()
                        await _ask(connection, query, found.stopped_at)
                        times_ms.append((time.perf_counter() - begun) * 1000)
        return times_ms
    finally:
        await database.close()


async def _ask(connection: AsyncConnection, query: str, after: search.Position | None = None) -> search.Found:
    groups = await search.groups_of(connection, OFFERS, query)
    return await search.search(connection, shelf=OFFERS, groups=groups, limit=50, now_ms=NOW_MS, after=after)


async def _fill(database: Database, count: int) -> None:
    source = random.Random(SEED)
    networks = [source.randbytes(32) for _ in range(NETWORKS)]
    distances = [0, *(source.randrange(1, 3000) for _ in range(NETWORKS - 1))]
    numbered = enumerate(offers(count), 1)
    while batch := list(itertools.islice(numbered, BATCH)):
        things: Rows = []
        postings: Rows = []
        for number, (title, category, amount) in batch:
            at = min(int(source.expovariate(1 / 60)), NETWORKS - 1)
            body: dict[str, Any] = {"title": title, "category": category, "price": [{"unit": "BRL", "amount": amount}]}
            body |= {"per": 1000, "measure": "KGM"}
            described = describe("offer", body, network=networks[at], number=number)
            rank = rank_of(is_local=at == 0, distance_km=distances[at], price_key=described.price_key)
            things.append(_thing(number, title, category, networks[at], rank, described.words))
            postings += [{"shelf": OFFERS, "term": word, "rank": rank, "thing": number} for word in described.words]

        async def job(connection: AsyncConnection, things: Rows = things, postings: Rows = postings) -> None:
            await connection.execute(insert(thing), things)
            await connection.execute(insert(posting), postings)

        await database.write(job)


def _thing(
    number: int, title: str, category: str, network: bytes, rank: int, words: tuple[str, ...]
) -> dict[str, object]:
    identifier = number.to_bytes(32)
    return {
        "number": number,
        "id": identifier,
        "kind": "offer",
        "network": network,
        "author": network,
        "current": number,
        "title": title,
        "category": category,
        "latitude_e6": None,
        "longitude_e6": None,
        "until_ms": None if number % 3 else NOW_MS + number % 1000 - 100,
        "rank": rank,
        "words": " ".join(words),
    }
