"""`mutirao catalog` and `mutirao export`."""

import csv
import io
import json
from pathlib import Path

from tests.cli.live import Live


def test_offers_and_needs_are_found_together(live: Live) -> None:
    """Search ignores accents and case."""
    offer = live.offer("Pamonha salgada")
    need = live.json("need", "add", "Pamonha doce", "--category", "bread", by="ana")["need"]

    assert {row["id"] for row in live.json("catalog", "search", "PAMÔNHA")} == {offer, need}
    assert "Nothing fits." in live.run("catalog", "search", "helicóptero").stdout


def test_the_catalogue_is_written_for_other_programs(live: Live, elsewhere: Path) -> None:
    """CSV with semicolons and JSON-LD name the same offers as the list."""
    offer = live.offer("Curau")
    live.run("export", "csv", "--out", "catalogo.csv")
    table = Path("catalogo.csv").read_text(encoding="utf-8-sig")
    linked = json.loads(live.run("export", "jsonld").stdout)
    printed = live.run("catalog", "print").stdout

    assert offer in {row["id"] for row in csv.DictReader(io.StringIO(table), delimiter=";")}
    assert f"urn:mutirao:{offer}" in {node["@id"] for node in linked["@graph"]}
    assert printed.count("Padaria Pão da Gente (Rede Vila)") == 1
