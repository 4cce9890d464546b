"""A changed byte in a row names the column that it stands in."""

import pytest

from node.store.rowcheck import CHECKS, failing_columns, with_checks
from node.store.tables import delivery, peer

ROW = {
    "network": b"n" * 32,
    "url": "http://127.0.0.1:8801",
    "name": "Vila Esperança",
    "relation": "neighbour",
    "scope": "trust,catalog",
}


def test_a_row_as_written_passes() -> None:
    """What was written is found sound."""
    assert failing_columns(peer, with_checks(peer, ROW)) == ()


@pytest.mark.parametrize("name", sorted(ROW))
def test_a_changed_value_names_its_column(name: str) -> None:
    """The column that was changed is named, and no other."""
    row = with_checks(peer, ROW)
    row[name] = b"m" + b"n" * 31 if name == "network" else row[name] + "x"

    assert failing_columns(peer, row) == (name,)


def test_every_changed_byte_of_checks_names_checks() -> None:
    """A flip anywhere in `checks` is not blamed on the columns that it guards."""
    row = with_checks(peer, ROW)
    for at in range(len(row[CHECKS])):
        changed = bytearray(row[CHECKS])
        changed[at] ^= 1

        assert failing_columns(peer, {**row, CHECKS: bytes(changed)}) == (CHECKS,)


def test_a_row_moved_to_another_key_is_found() -> None:
    """The digests are bound to the row's key, also where the key has two columns."""
    row = with_checks(delivery, {"network": b"n" * 32, "record_id": b"r" * 32, "acknowledged": 0})

    assert failing_columns(delivery, {**row, "record_id": b"s" * 32}) == ("record_id",)
    assert failing_columns(delivery, {**row, "acknowledged": 1}) == ("acknowledged",)
