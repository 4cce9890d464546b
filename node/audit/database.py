"""The audit of a node's database and checkpoint file: every table, every row, every column.

It reads only, so it may run beside a running node; nothing that it needs is taken from the network.
A sound folder gives no findings. Every finding names table, row and column, or the file.

Source: docs/operating/verify.md.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from node.audit.agents import audit_agents
from node.audit.catalogue import audit_catalogue
from node.audit.checkpoints import audit_checkpoints
from node.audit.feeds import audit_feeds
from node.audit.findings import Finding
from node.audit.ledger import audit_ledger
from node.audit.records import audit_records
from node.audit.rows import audit_checked_rows, audit_deliveries
from node.services.signatures import Signatures
from node.store import audit_reading as reading
from node.store import meta
from node.store.database import Connection
from node.store.schema import expected_schema, head_revision
from protocol.errors import MutiraoError, StorageError

T = TypeVar("T")

AUDITS: list[Callable[[Connection], Awaitable[list[Finding]]]] = [
    audit_checked_rows,
    audit_feeds,
    audit_agents,
    audit_ledger,
    audit_catalogue,
]
"""Audits of single tables, each given a connection that sees one state; other parts add theirs."""


async def audit_database(
    path: Path, *, progress: Callable[[str], None] = lambda _: None, workers: int | None = None
) -> list[Finding]:
    """Recompute everything that a database and its checkpoint file hold.

    Args:
        path: `node.sqlite`; `checkpoints` is expected beside it.
        progress: Told what is being checked.
        workers: Processes that check signatures; by default as many as the machine feeds.

    Returns:
        What was found; empty for a sound folder.

    Raises:
        StorageError: There is no such file.
    """
    if not path.is_file():
        raise StorageError(f"there is no {path}")
    file = path.with_name("checkpoints")
    async with Signatures(workers=workers) as signatures, reading.open_for_audit(path) as connection:
        checkpoints = file.read_bytes() if file.is_file() else None
        return await audit_connection(
            connection, checkpoints=checkpoints, signatures=signatures, name=path.name, progress=progress
        )


async def audit_connection(
    connection: Connection,
    *,
    checkpoints: bytes | None,
    signatures: Signatures,
    name: str = "node.sqlite",
    progress: Callable[[str], None] = lambda _: None,
) -> list[Finding]:
    """Recompute everything that an open database holds.

    Args:
        connection: Reading; it must see one state throughout.
        checkpoints: The bytes of the checkpoint file; None where it is missing.
        signatures: Checks them.
        name: Of the database's file, for findings.
        progress: Told what is being checked.

    Returns:
        What was found; empty for a sound database.
    """
    progress("schema")
    try:
        findings = await _audit_schema(connection)
    except Exception as error:  # noqa: BLE001 - whatever the driver says of a file that is no database
        return [Finding(name, "", "", f"can't be read: {error}")]
    if findings:
        return findings  # with another schema nothing else can be asked
    home = await _run("meta", lambda: meta.get(connection, meta.HOME), findings)
    for audit in AUDITS:
        progress(audit.__name__.removeprefix("audit_"))
        findings += await _run(audit.__name__, partial(audit, connection), findings) or []
    progress("records")
    findings += await _run("record", lambda: audit_records(connection, signatures), findings) or []
    findings += await _run("delivery", lambda: audit_deliveries(connection, home), findings) or []
    findings += await _run("checkpoints", lambda: audit_checkpoints(connection, checkpoints, home), findings) or []
    progress("pages")
    findings += [Finding(name, "", "", line) for line in await reading.integrity(connection)]
    return list(dict.fromkeys(findings))


async def _audit_schema(connection: Connection) -> list[Finding]:
    """Compare revision and schema with what the migrations of this program make."""
    revisions = await reading.revisions(connection)
    if revisions != [head_revision()]:
        found = ", ".join(ascii(revision) for revision in revisions) or "nothing"
        return [Finding("alembic_version", "1", "version_num", f"is {found}, this program's is {head_revision()}")]
    stored, expected = await reading.schema(connection), expected_schema()
    return [
        Finding("sqlite_schema", name, "sql", "isn't what the migrations make")
        for name in sorted(stored.keys() | expected.keys())
        if stored.get(name) != expected.get(name)
    ]


async def _run(name: str, audit: Callable[[], Awaitable[T]], findings: list[Finding]) -> T | None:
    """Run one audit; damage that stops it becomes a finding, and the others go on."""
    try:
        return await audit()
    except MutiraoError as error:
        findings.append(Finding(name, "", "", str(error)))
    except Exception as error:  # noqa: BLE001 - an audit meets any damage, and names it
        findings.append(Finding(name, "", "", f"can't be checked: {error!r}"))
    return None
