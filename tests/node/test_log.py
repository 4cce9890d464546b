"""Log lines reach the node's file, as text or as JSON."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from node.log import start_log, stop_log


@pytest.mark.parametrize("form", ["text", "json"])
def test_lines_reach_the_file(tmp_path: Path, form: str) -> None:
    """A line with its level and part stands in the file; debug lines don't at level info."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        start_log(tmp_path, level="info", form=form)
        logging.getLogger("node.test").debug("quiet")
        logging.getLogger("alembic.runtime.migration").info("quiet: nothing that an operator can act on")
        logging.getLogger("node.test").warning("peer %s is unreachable", "serra")
        try:
            raise ValueError("boom")
        except ValueError:
            logging.getLogger("node.test").exception("failed")
        stop_log()
        text = (tmp_path / "node.log").read_text()
    finally:
        root.handlers[:] = before
        root.setLevel(level)

    assert "quiet" not in text
    assert "peer serra is unreachable" in text
    assert "ValueError: boom" in text
    if form == "json":
        lines = [json.loads(line) for line in text.splitlines()]
        assert ("warning", "node.test") == (lines[0]["level"], lines[0]["part"])
