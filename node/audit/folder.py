"""The audit of a whole data folder: every file, page, table, row and column.

From the outside in: the manifest of the last clean stop, the key files, the write-ahead log frame by frame, then the
database with its checkpoint file. Nothing is changed.

Source: DESIGN section 13.2; docs/operating/verify.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from node import keystore
from node.audit.database import audit_database
from node.audit.findings import Finding
from node.manifest import check_manifest
from node.store.wal import check_wal
from protocol.errors import RemoteProtocolError
from protocol.keyfile import is_locked, read_key_file

DATABASE = "node.sqlite"

Progress = Callable[[str], None]


@dataclass(slots=True)
class Report:
    """What the audit of a folder came to.

    Attributes:
        findings: What is wrong; empty for a sound folder.
        parts: The parts that were looked at, in order.
    """

    findings: list[Finding] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)


async def audit_folder(directory: Path, progress: Progress = lambda _: None, *, workers: int | None = None) -> Report:
    """Recompute everything in a node's folder.

    Args:
        directory: The node's folder.
        progress: Told the name of each part before it begins.
        workers: Processes that check signatures; by default as many as the machine feeds.

    Returns:
        What was found and which parts were looked at.
    """
    report = Report()

    def begin(part: str) -> None:
        report.parts.append(part)
        progress(part)

    begin("files")
    report.findings += [Finding(name, "", "", what) for name, what in check_manifest(directory)]
    report.findings += _check_keys(directory)
    database = directory / DATABASE
    if not database.is_file():
        report.findings.append(Finding(DATABASE, "", "", "the database is missing"))
        return report
    begin("write-ahead log")
    log = database.with_name(DATABASE + "-wal")
    report.findings += [Finding(log.name, "", "", what) for what in check_wal(log)]
    report.findings += await audit_database(database, progress=begin, workers=workers)
    return report


def _check_keys(directory: Path) -> list[Finding]:
    """Look at the key files, as far as they open without a passphrase."""
    findings = []
    for name in (keystore.NETWORK_FILE, keystore.NODE_FILE):
        path = directory / keystore.FOLDER / name
        shown = f"{keystore.FOLDER}/{name}"
        try:
            text = path.read_text(encoding="utf-8")
            if not is_locked(text):
                read_key_file(text)
        except (OSError, UnicodeDecodeError) as error:
            findings.append(Finding(shown, "", "", f"can't be read: {error}"))
        except RemoteProtocolError as error:
            findings.append(Finding(shown, "", "", str(error)))
    return findings
