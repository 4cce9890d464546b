"""Sending what moves credit so that a broken connection never makes anybody pay twice: the signed bytes are kept.

The same bytes count once and get their first answer again, so whoever doesn't know what became of a payment sends it
once more. Source: docs/spec/04-ledger.md L-10, L-22.

Tests: tests/cli/commands/test_ledger.py, tests/cli/commands/test_mandates.py
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING

from cli import keys
from cli.connection import Desk
from cli.errors import UnreachableError, UsageProblemError
from cli.settings import Settings
from protocol.errors import RemoteProtocolError
from protocol.identifiers import to_text
from protocol.record import Record, decode_record, encode_record

if TYPE_CHECKING:
    from cli.client import Outcome

FORM = "mutirao/payment/1"


async def send_payment(at: Desk, settings: Settings, record: Record, keep: Path | None) -> Outcome:
    """Send a payment, having kept it first where that is wanted, and at the latest when no answer comes.

    Args:
        at: the open desk.
        settings: where the key lies, beside which it is kept.
        record: the signed payment.
        keep: the file to keep it in.

    Raises:
        UnreachableError: no answer came; the next step names the file.
        RefusedError: the node refused it.
    """
    if keep is not None:
        write_payment(keep, record)
    try:
        return await at.client.submit_one(record)
    except UnreachableError as error:
        kept = keep or settings.key_path().with_suffix(f".{to_text('payment', record.id)[-8:]}.payment")
        if keep is None:
            write_payment(kept, record)
        error.next_step = f"Ask what became of it with: mutirao pay --again {kept}"
        raise


def write_payment(path: Path, record: Record) -> None:
    """Keep a payment in a file that its owner alone may read."""
    document = {"form": FORM, "record": base64.b64encode(encode_record(record)).decode()}
    keys.write_private(path, json.dumps(document) + "\n")


def read_payment(path: Path) -> Record:
    """Read a kept payment.

    Raises:
        UsageProblemError: it isn't one.
    """
    try:
        document = json.loads(path.read_bytes())
        if document["form"] != FORM:
            raise ValueError("another form")
        return decode_record(base64.b64decode(document["record"], validate=True))
    except (OSError, ValueError, KeyError, TypeError, RemoteProtocolError) as error:
        raise UsageProblemError(
            f"{path} is not a kept payment.", next_step="Give the file that `mutirao pay --keep` wrote."
        ) from error
