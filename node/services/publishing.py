"""Publishing: the home takes signed records of its members, appends them to its feeds and answers each.

Rules kept here:
- a record is taken once: the same bytes again give the first answer, and wait for its commit;
- what breaks a rule is refused with its code and stands nowhere;
- a new agent is taken together with the membership that the network signed for it, or not at all;
- nobody is answered before the record is durable; then its feed's new head and its deliveries are announced.

Submissions that arrive while others are being written share the next job; if that job fails, each is tried by itself,
so that nobody suffers for another's records.

Source: DESIGN sections 4, 5 and 13; docs/concepts/feeds.md.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from node.clock import Clock
from node.services.acceptance import Acceptance, Submitted, Taken
from node.services.intake import OnChange
from node.services.outcomes import Outcome, Refused
from node.services.signatures import Signatures
from node.store.database import Database
from node.store.feeds import FeedStore
from protocol.errors import Code, Refusal, RemoteProtocolError, StorageError
from protocol.feeds import LEDGER, FeedKey
from protocol.kinds import feed_of
from protocol.limits import RECORDS_PER_SUBMIT_MAX
from protocol.record import Record, decode_record

logger = logging.getLogger(__name__)

RECORDS_PER_JOB_MAX = 500
"""Records of several submissions that share one job; a job of this size takes some 0.1 s."""


class Instructions(Protocol):
    """What takes the records of the private ledger feed."""

    async def submit(self, records: Sequence[Record]) -> list[Outcome]:
        """Check the signatures of instructions, apply them, and answer each."""
        ...


@dataclass(slots=True)
class _Item:
    """One submitted record: the bytes, the record once it is read, the answer once there is one."""

    data: bytes
    record: Record | None = None
    outcome: Outcome | None = None

    @property
    def feed(self) -> str:
        """The feed that it goes to; empty where it wasn't read."""
        return (feed_of(self.record.header.kind) if self.record is not None else None) or ""


@dataclass(frozen=True, slots=True)
class _Submission:
    """Records that wait for a job, and who waits for their outcomes."""

    records: list[tuple[bytes, Record]]
    answer: "asyncio.Future[list[Outcome]]"


class Publishing:
    """Takes submissions for one home.

    Attributes:
        ledger: What takes ledger records; None where this node keeps no ledger.
        on_change: Told of every submission that changed something.
    """

    def __init__(self, database: Database, feeds: FeedStore, clock: Clock, signatures: Signatures) -> None:
        """Publish into the own feeds of `feeds`."""
        self.ledger: Instructions | None = None
        self.on_change: list[OnChange] = []
        self._database = database
        self._feeds = feeds
        self._acceptance = Acceptance(feeds, clock)
        self._signatures = signatures
        self._waiting: list[_Submission] = []
        self._writing: asyncio.Task[None] | None = None

    async def submit(self, items: Sequence[bytes]) -> list[Outcome]:
        """Take records, each by itself, and answer them in their order.

        Args:
            items: Encoded records, at most 100.

        Returns:
            For each whether and where it is recorded, or why it is refused.

        Raises:
            RemoteProtocolError: `too_many` records at once.
            DiskFullError: The disk is full; nothing of this was recorded.
        """
        if len(items) > RECORDS_PER_SUBMIT_MAX:
            raise RemoteProtocolError(Code.TOO_MANY, f"at most {RECORDS_PER_SUBMIT_MAX} records at once")
        submitted = [self._read(data) for data in items]
        # The ledger checks signatures itself, many submissions at a time.
        await self._check_signatures([item for item in submitted if item.feed != LEDGER])
        await self._publish([item for item in submitted if item.outcome is None and item.feed != LEDGER])
        await self._instruct([item for item in submitted if item.outcome is None and item.feed == LEDGER])
        return [item.outcome for item in submitted if item.outcome is not None]

    def _read(self, data: bytes) -> _Item:
        """Read one record and check what needs no store: its bytes, home and kind, and that it is whole."""
        item = _Item(data)
        try:
            item.record = decode_record(data)
            header = item.record.header
            if header.home != self._feeds.home and not (header.home is None and item.record.id == self._feeds.home):
                raise RemoteProtocolError(Code.WRONG_HOME)
            if feed_of(header.kind) is None:
                raise RemoteProtocolError(Code.UNKNOWN_KIND, f"{header.kind!r} is not a kind that is known here")
            if item.record.is_missing_a_part:
                raise RemoteProtocolError(Code.MALFORMED, "a record is submitted whole, not with the hash of a part")
        except RemoteProtocolError as error:
            item.outcome = Refused(id=item.record.id if item.record else None, refusal=error.refusal())
        return item

    async def _check_signatures(self, submitted: Sequence[_Item]) -> None:
        open_items = [(item, item.record) for item in submitted if item.record is not None and item.outcome is None]
        sound = await self._signatures.check([record for _, record in open_items])
        for (item, record), is_sound in zip(open_items, sound, strict=True):
            if not is_sound:
                item.outcome = Refused(id=record.id, refusal=Refusal.of(Code.BAD_SIGNATURE))

    async def _instruct(self, items: Sequence[_Item]) -> None:
        """Hand ledger records on, and take their answers over."""
        instructions = [item.record for item in items if item.record is not None]
        if not instructions:
            return
        if self.ledger is None:
            refusal = Refusal.of(Code.UNAVAILABLE, "this node keeps no ledger")
            answers: list[Outcome] = [Refused(id=record.id, refusal=refusal) for record in instructions]
        else:
            answers = await self.ledger.submit(instructions)
        for item, answer in zip(items, answers, strict=True):
            item.outcome = answer

    async def _publish(self, items: Sequence[_Item]) -> None:
        """Queue records for the next job and wait until they are durable."""
        if not items:
            return
        pairs = [(item.data, item.record) for item in items if item.record is not None]
        submission = _Submission(pairs, asyncio.get_running_loop().create_future())
        self._waiting.append(submission)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_waiting(), name="publishing")
        for item, outcome in zip(items, await submission.answer, strict=True):
            item.outcome = outcome

    async def _write_waiting(self) -> None:
        """Write what waits, some submissions a job, until nothing does."""
        try:
            while self._waiting:
                await self._write_some(self._next())
        finally:
            self._writing = None
            for submission in self._waiting:
                _refuse(submission, StorageError("the node is stopping"))
            self._waiting.clear()

    def _next(self) -> list[_Submission]:
        """Take the submissions of the next job off the queue."""
        count = records = 0
        for submission in self._waiting:
            records += len(submission.records)
            if count and records > RECORDS_PER_JOB_MAX:
                break
            count += 1
        some, self._waiting = self._waiting[:count], self._waiting[count:]
        return [submission for submission in some if not submission.answer.done()]

    async def _write_some(self, submissions: list[_Submission]) -> None:
        """Write submissions in one job; where that fails, each by itself."""
        try:
            accepted = await self._write(submissions)
        except BaseException as error:
            is_storage = isinstance(error, StorageError) or not isinstance(error, Exception)
            if is_storage or len(submissions) == 1:
                for submission in submissions:
                    _refuse(submission, error if isinstance(error, Exception) else StorageError("the node is stopping"))
                if not isinstance(error, Exception):
                    raise
                return
            for submission in submissions:
                await self._write_some([submission])
            return
        outcomes = iter(accepted.outcomes)
        for submission in submissions:
            own = [next(outcomes) for _ in submission.records]
            if not submission.answer.done():
                submission.answer.set_result(own)
        if accepted.grown or accepted.addressed:
            for tell in self.on_change:
                _tell(tell, accepted.grown, accepted.addressed)

    async def _write(self, submissions: list[_Submission]) -> Taken:
        items = [
            Submitted(data=data, record=record, submission=number)
            for number, submission in enumerate(submissions)
            for data, record in submission.records
        ]
        return await self._database.write(lambda connection: self._acceptance.take(connection, items))


def _tell(tell: OnChange, grown: set[FeedKey], addressed: set[bytes]) -> None:
    """Tell one listener; what is durable stays so, and the next submissions are written, whatever becomes of it."""
    try:
        tell(grown, addressed)
    except Exception:
        logger.exception("a listener failed on news of published records")


def _refuse(submission: _Submission, error: Exception) -> None:
    if not submission.answer.done():
        submission.answer.set_exception(error)
