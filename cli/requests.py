"""The request by which somebody who keeps their own keys asks to join: a name and a signed `agent` record.

Tests: tests/cli/test_records.py
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from cli.errors import FailedCheckError, UsageProblemError
from protocol.errors import RemoteProtocolError
from protocol.limits import RECORD_BYTES_MAX
from protocol.record import Record, decode_record, encode_record, verify_record

FORM = "mutirao/request/1"
NAME_CHARACTERS_MAX = 200


def request_text(name: str, record: Record) -> dict[str, Any]:
    """Give the request as JSON values."""
    return {"form": FORM, "name": name, "record": base64.b64encode(encode_record(record)).decode()}


def read_request(path: Path) -> tuple[str, Record]:
    """Read a request and check that it is signed by the keys that it lists.

    Returns:
        The name, and the first `agent` record.

    Raises:
        UsageProblemError: it can't be read.
        FailedCheckError: its record isn't what it must be.
    """
    try:
        with path.open("rb") as file:
            document = json.loads(file.read(RECORD_BYTES_MAX * 2 + 4096))
        if document["form"] != FORM:
            raise ValueError("another form")
        name, data = str(document["name"])[:NAME_CHARACTERS_MAX], base64.b64decode(document["record"], validate=True)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageProblemError(
            f"{path} is not a request to join.", next_step="Give a file made by `mutirao key agent`."
        ) from error
    try:
        record = decode_record(data)
        verify_record(record)
    except RemoteProtocolError as error:
        raise FailedCheckError(
            f"The record in {path} is refused: {error.message}.", code=str(error.code), next_step="Ask for it again."
        ) from error
    if record.header.kind != "agent" or record.header.author is not None:
        raise FailedCheckError(f"{path} holds no first `agent` record.", next_step="Ask for it again.")
    return name, record
