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


def test_a_line_that_finds_no_room_is_lost_quietly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On a full disk the line stands on standard error, without a trace of the file's failure behind it."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    (tmp_path / "node.log").symlink_to("/dev/full")
    try:
        start_log(tmp_path, level="info", form="text")
        logging.getLogger("node.test").warning("the disk is full")
        stop_log()
        said = capsys.readouterr().err
    finally:
        root.handlers[:] = before
        root.setLevel(level)

    assert 1 == said.count("the disk is full")
    assert "Traceback" not in said
