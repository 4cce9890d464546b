"""Findings as an operator reads them."""

from __future__ import annotations

from node.audit.findings import Finding


def test_a_finding_is_one_line_that_names_the_place() -> None:
    """Table, row and column stand before the colon, as far as they are known."""
    assert "account 3 balance: is 5, should be 7" == str(Finding("account", "3", "balance", "is 5, should be 7"))
    assert "checkpoints: is damaged" == str(Finding("checkpoints", "", "", "is damaged"))
