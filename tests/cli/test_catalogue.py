"""The catalogue as files that other programs read."""

import csv
import io
import json

from cli.catalogue import harmless, to_csv, to_jsonld, to_text
from protocol.identifiers import to_text as id_text

OFFER = {
    "id": id_text("offer", bytes(32)),
    "kind": "offer",
    "title": "Pão; caseiro",
    "category": "bread",
    "about": "=HYPERLINK(1)",
    "measure": "KGM",
    "quantity": 2500,
    "price": {
        "parts": [
            {"unit": "BRL", "amount": 900, "symbol": "R$", "exponent": 2, "is_credit": False},
            {"unit": id_text("agent", bytes(32)), "amount": 200, "symbol": "SB", "exponent": 2, "is_credit": True},
        ],
        "per": 1000,
        "measure": "KGM",
    },
    "author": {"id": id_text("agent", bytes(32)), "name": "Padaria", "network_name": "Vila"},
    "city": "São Leopoldo",
    "created_ms": 1_800_000_000_000,
    "until_ms": 1_806_537_599_999,
}
NEED = OFFER | {"id": id_text("need", bytes(32)), "kind": "need", "price": None, "quantity": None, "until_ms": None}


def test_csv_is_read_back_by_a_spreadsheet() -> None:
    """Semicolons, decimal commas and quoted cells, one row a listing."""
    rows = list(csv.DictReader(io.StringIO(to_csv([OFFER, NEED])), delimiter=";"))

    assert [row["kind"] for row in rows] == ["offer", "need"]
    assert (rows[0]["title"], rows[0]["price_official"], rows[0]["price_credit"]) == ("Pão; caseiro", "9,00", "2,00")
    assert (rows[0]["quantity"], rows[0]["until"]) == ("2,500", "2027-03-31")


def test_no_cell_is_a_formula() -> None:
    """A stranger's text can't run in the treasurer's spreadsheet, and numbers stay numbers."""
    rows = list(csv.DictReader(io.StringIO(to_csv([OFFER])), delimiter=";"))

    assert rows[0]["about"] == "'=HYPERLINK(1)"
    assert [harmless(text) for text in ("@x", "+x", "-x", "-3,5", "x")] == ["'@x", "'+x", "'-x", "-3,5", "x"]


def test_jsonld_speaks_valueflows() -> None:
    """An offer is a proposal of purpose offer with a provider, a need one of purpose request with a receiver."""
    offer, need = json.loads(json.dumps(to_jsonld([OFFER, NEED])))["@graph"]

    assert offer["vf:purpose"] == {"@id": "vf:offer"}
    assert offer["vf:publishes"][0]["vf:provider"]["schema:name"] == "Padaria"
    assert [part["schema:price"] for part in offer["vf:reciprocal"]] == ["9.00", "2.00"]
    assert need["vf:purpose"] == {"@id": "vf:request"}
    assert "vf:receiver" in need["vf:publishes"][0]


def test_the_printed_catalogue_names_every_supplier_once() -> None:
    """All that somebody offers and needs stands below the one name."""
    text = to_text([OFFER, NEED], "Catálogo")

    assert text.count("Padaria (Vila)") == 1
    assert "Offers  Pão; caseiro  9,00 R$ + 2,00 SB / kg  (2,5 kg)" in text
