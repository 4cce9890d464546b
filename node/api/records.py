"""Records over HTTP: submit signed ones, read them back, with proof.

Source: docs/spec/08-http.md section 3.

Tests: tests/node/api/test_routes.py
"""

from __future__ import annotations

import base64
import binascii

import msgspec
from aiohttp import web

from node.api import negotiation
from node.api.codes import ApiCode
from node.api.errors import problem_of
from node.api.failure import ApiError
from node.api.identifiers import record_id_of
from node.api.route import Call
from node.api.schemas import InclusionProof, RecordAnswer, RecordedAt, Result, Results, Submission
from node.services.outcomes import Outcome, Recorded
from protocol import codec
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import LEDGER
from protocol.identifiers import to_text
from protocol.limits import RECORD_BYTES_MAX, RECORDS_PER_SUBMIT_MAX

SUBMISSION_BYTES_MAX = RECORDS_PER_SUBMIT_MAX * (RECORD_BYTES_MAX * 4 // 3 + 16)
"""A full submission in base64."""


async def submit(call: Call) -> Results:
    """Record what was signed; each record gets its own result."""
    items = await _items(call.request)
    outcomes = await call.services.publishing.submit(items)
    return Results([_result(outcome) for outcome in outcomes])


async def read(call: Call) -> RecordAnswer:
    """Give a record's signed bytes to whoever may read it."""
    shown = await call.services.reading.find(record_id_of(call.text("id")), call.session)
    row = shown.row
    return RecordAnswer(
        id=to_text(row.kind, row.id),
        kind=row.kind,
        network_id=to_text("agent", row.network),
        state=row.state,
        code=row.code,
        data=base64.b64encode(row.data if call.session else shown.public_data).decode(),
        feed=shown.feed,
        index=row.leaf_index,
    )


async def bundle(call: Call) -> web.Response:
    """Give a record with all that proves it, as it travels between nodes; it verifies offline."""
    shown = await call.services.reading.find(record_id_of(call.text("id")), call.session)
    if call.session is None and shown.public_data != shown.row.data:
        raise ApiError(ApiCode.SESSION_NEEDED, "the record has a sealed part")
    data = await call.services.replication.bundle(shown.row.id)
    return web.Response(body=data, content_type=negotiation.MSGPACK_TYPE, headers={"Cache-Control": "no-store"})


async def proof(call: Call) -> InclusionProof:
    """Prove that a record stands in its feed, under the newest signed head."""
    shown = await call.services.reading.find(record_id_of(call.text("id")), call.session)
    if shown.feed == LEDGER and not (call.session and call.session.reads_ledger):
        raise RemoteProtocolError(Code.FORBIDDEN, "proofs of the ledger travel in receipts")
    found = await call.services.feeds.inclusion(shown.row.id)
    return InclusionProof(
        leaf=base64.b64encode(found.leaf).decode(),
        index=found.index,
        size=found.head.size,
        root=found.head.root.hex(),
        checkpoint=found.head.note.decode(),
        proof=[item.hex() for item in found.proof],
    )


async def _items(request: web.Request) -> list[bytes]:
    if request.content_type in negotiation.MSGPACK_NAMES:
        value = codec.decode_flat(await negotiation.read_bounded(request, SUBMISSION_BYTES_MAX))
        if not value or any(type(item) is not bytes for item in value):
            raise RemoteProtocolError(Code.WRONG_TYPE, "a submission is an array of 1 to 100 byte strings")
        if len(value) > RECORDS_PER_SUBMIT_MAX:
            raise RemoteProtocolError(Code.TOO_MANY, f"at most {RECORDS_PER_SUBMIT_MAX} records at once")
        return value
    value = await negotiation.read_value(request, SUBMISSION_BYTES_MAX)
    try:
        submission = msgspec.convert(value, type=Submission)
        return [base64.b64decode(item, validate=True) for item in submission.records]
    except (msgspec.ValidationError, binascii.Error, ValueError) as error:
        raise ApiError(ApiCode.BAD_BODY, str(error)) from error


def _result(outcome: Outcome) -> Result:
    identifier = None if outcome.id is None else to_text("record", outcome.id)
    if isinstance(outcome, Recorded):
        void = None if outcome.void is None else problem_of(outcome.void)
        return Result(
            identifier, recorded=RecordedAt(outcome.feed, outcome.index, outcome.again, void, outcome.outcome)
        )
    return Result(identifier, refused=problem_of(outcome.refusal))
