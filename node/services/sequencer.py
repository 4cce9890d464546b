"""The sequencer: the one place where a network's instructions get their order, with group commit.

Instructions wait in two lines. The first is for signatures, checked a batch at a time and outside the event loop; the
second for the writer. One batch is judged and written at a time, so the next one always judges what is durable:

    submit → waiting → signatures → ready → judge, append leaves, write rows → COMMIT → answer

Rules kept here:
- nothing is answered before the commit that holds it is durable. A retry that comes while its first copy is being
  committed stands in the next batch, and finds the first copy's leaf there;
- a batch is judged in a draft over the book. A failed commit drops the draft, so memory never runs ahead of the disk;
- the same id twice gives the same answer, from the leaf, for ever: across retries, restarts and epochs;
- a signature, key, home, author or clock that is wrong leaves no leaf, so no jump of a clock gets into the times of
  leaves, which never decrease and by which all later transfers expire; a refusal by the rules of the ledger is a leaf;
- a full disk refuses with a code, and the ledger goes on when there is room again.
Source: docs/spec/04-ledger.md L-30 to L-36; docs/concepts/mutual-credit.md.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from node.clock import Clock
from node.services.alarm import Alarm
from node.services.ledger_facts import LedgerFacts
from node.services.outcomes import Outcome, Recorded, Refused
from node.services.signatures import Signatures
from node.store import ledger as ledger_store
from node.store.database import Connection, Database
from node.store.engine import DiskFullError
from node.store.feeds import FeedStore, NewLeaf
from protocol.errors import Code, Refusal, RemoteProtocolError, StorageError
from protocol.feeds import LEDGER, TRUST
from protocol.ledger import (
    Book,
    Draft,
    Instruction,
    apply,
    code_of,
    read_instruction,
    rules_of,
    tick,
    transfer_item,
)
from protocol.ledger.apply import POSTED
from protocol.ledger.items import TRANSFER
from protocol.limits import SALT_BYTES
from protocol.merkle.leaf import LedgerLeaf, encode_leaf
from protocol.record import Record, encode_record
from protocol.rules import clock_refusal

logger = logging.getLogger(__name__)

WAITING_MAX = 10_000
"""Instructions that may wait; beyond that a submission is refused, so that memory has a bound."""

CHECK_MAX = 256
"""Signatures checked together: fewer cost more changes between processes, more leave the writer waiting."""

COMMIT_MAX = 512
"""Instructions in one commit: enough to spread an fsync, few enough that nobody waits for long."""


@dataclass(slots=True)
class _Submission:
    """Records that came together, and the answers that are there so far."""

    future: asyncio.Future[list[Outcome]]
    outcomes: list[Outcome | None]
    missing: int

    def answer(self, place: int, outcome: Outcome) -> None:
        self.outcomes[place] = outcome
        self.missing -= 1
        if not self.missing and not self.future.done():
            self.future.set_result([each for each in self.outcomes if each is not None])

    def fail(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)


@dataclass(slots=True)
class _Waiting:
    """One instruction on its way, and whom to answer."""

    record: Record
    instruction: Instruction
    submission: _Submission
    place: int

    def answer(self, outcome: Outcome) -> None:
        self.submission.answer(self.place, outcome)

    def refuse(self, code: Code, message: str = "") -> None:
        self.answer(Refused(id=self.record.id, refusal=Refusal.of(code, message)))


@dataclass(slots=True)
class _Batch:
    """What a writing job made of its instructions; answered once it is durable."""

    draft: Draft
    outcomes: list[Outcome] = field(default_factory=list)
    leaves: list[NewLeaf] = field(default_factory=list)
    written: list[ledger_store.Written] = field(default_factory=list)


class Sequencer:
    """Takes instructions, gives answers; opened with `open`, ended with `close`.

    Attributes:
        book: Every account as it durably stands.
        transfers: How many transfers were posted.
        volume: How much they moved, by unit.
    """

    def __init__(self, database: Database, feeds: FeedStore, signatures: Signatures, clock: Clock, book: Book) -> None:
        """Use `open` instead."""
        self.book = book
        self.transfers = 0
        self.volume: dict[str, int] = {}
        self._database = database
        self._feeds = feeds
        self._signatures = signatures
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._ready: list[_Waiting] = []
        self._some_waiting = asyncio.Event()
        self._some_ready = asyncio.Event()
        self._held = 0
        self._closing = False
        self._checking_ended = False
        self._facts = LedgerFacts(book)
        self._alarm = Alarm(clock, book, self._some_ready.set)
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def open(
        cls, database: Database, feeds: FeedStore, signatures: Signatures, clock: Clock, *, unit: str
    ) -> Sequencer:
        """Read the book back and begin to take instructions.

        Args:
            database: Open.
            feeds: Its feeds, told whose they are.
            signatures: Checks signatures.
            clock: Time and salts.
            unit: The network's own credit unit.

        Raises:
            StorageError: What is stored contradicts itself; see `node.store.ledger.load_book`.
        """
        key = feeds.own(LEDGER)
        async with database.read() as connection:
            state = await feeds.find(connection, key)
            size = 0 if state is None else state.size
            time_ms, keys_at = (
                (0, 0) if state is None else await ledger_store.last_leaf(connection, state.sequence, size)
            )
            book = await ledger_store.load_book(
                connection, ledger=key.network, unit=unit, size=size, time_ms=time_ms, keys_at=keys_at
            )
            transfers, volume = await ledger_store.volume(connection)
        sequencer = cls(database, feeds, signatures, clock, book)
        sequencer.transfers, sequencer.volume = transfers, volume
        sequencer._tasks = [
            asyncio.create_task(sequencer._check_forever(), name="ledger signatures"),
            asyncio.create_task(sequencer._commit_forever(), name="ledger sequencer"),
            asyncio.create_task(sequencer._alarm.run(), name="ledger alarm"),
        ]
        return sequencer

    @property
    def unit(self) -> str:
        """The network's own credit unit."""
        return self.book.unit

    @property
    def waiting(self) -> int:
        """How many instructions have no answer yet."""
        return self._held

    async def submit(self, records: Sequence[Record]) -> list[Outcome]:
        """Judge records of the ledger's kinds, in their order, and answer once the answers are durable.

        Args:
            records: Decoded; signatures are checked here.

        Returns:
            One answer a record. `Recorded` with `void` is an instruction that was refused and has a leaf.

        Raises:
            StorageError: The disk failed, or the ledger is closed; nothing is known of what was asked.
        """
        if self._closing:
            raise StorageError("the ledger is closed")
        submission = _Submission(asyncio.get_running_loop().create_future(), [None] * len(records), len(records))
        if not records:
            return []
        room = self._held + len(records) <= WAITING_MAX
        for place, record in enumerate(records):
            if not room:
                refusal = Refusal.of(Code.UNAVAILABLE, "too many payments are waiting at this node")
                submission.answer(place, Refused(id=record.id, refusal=refusal))
                continue
            try:
                instruction = read_instruction(record, ledger=self.book.ledger)
            except RemoteProtocolError as error:
                submission.answer(place, Refused(id=record.id, refusal=error.refusal()))
                continue
            self._held += 1
            self._waiting.append(_Waiting(record, instruction, submission, place))
        if self._waiting:
            self._some_waiting.set()
        return await submission.future

    async def close(self) -> None:
        """Answer what waits, then end."""
        if self._closing:
            return
        self._closing = True
        self._some_waiting.set()
        for task in self._tasks:
            await task

    async def _check_forever(self) -> None:
        """Move instructions with sound signatures from one line to the other."""
        while True:
            await self._some_waiting.wait()
            batch, self._waiting = self._waiting[:CHECK_MAX], self._waiting[CHECK_MAX:]
            if not batch and self._closing:
                break
            if not self._waiting and not self._closing:
                self._some_waiting.clear()
            sound = await self._signatures.check([item.record for item in batch])
            for item, is_sound in zip(batch, sound, strict=True):
                if is_sound:
                    self._ready.append(item)
                else:
                    self._held -= 1
                    item.refuse(Code.BAD_SIGNATURE)
            if self._ready:
                self._some_ready.set()
        self._checking_ended = True
        self._alarm.stop()
        self._some_ready.set()

    async def _commit_forever(self) -> None:
        """Commit what is ready, one batch at a time."""
        while True:
            await self._some_ready.wait()
            batch, self._ready = self._ready[:COMMIT_MAX], self._ready[COMMIT_MAX:]
            if not batch and self._checking_ended:
                break
            if not self._ready and not self._checking_ended:
                self._some_ready.clear()
            if batch or self._alarm.due_ms() is not None:
                await self._commit(batch)
                self._held -= len(batch)

    async def _commit(self, items: list[_Waiting]) -> None:
        """Write one batch and answer it: durable, or not at all."""

        async def job(connection: Connection) -> _Batch:
            return await self._judge(connection, items)

        try:
            batch = await self._database.write(job)
            self._settle(batch)
        except DiskFullError as error:
            self._facts.forget()
            logger.warning("the disk is full: %d payments were refused and none was recorded", len(items))
            for item in items:
                item.refuse(Code.DISK_FULL, str(error))
        except Exception as error:
            self._facts.forget()
            logger.exception("a batch of %d payments was not recorded", len(items))
            for item in items:
                item.submission.fail(error)
        else:
            for item, outcome in zip(items, batch.outcomes, strict=True):
                item.answer(outcome)

    def _settle(self, batch: _Batch) -> None:
        """Take a durable batch over into memory."""
        batch.draft.settle()
        self._alarm.look_again()
        for item in batch.written:
            for _, credit, amount in item.applied.moves:
                self.transfers += 1
                self.volume[credit.unit] = self.volume.get(credit.unit, 0) + amount

    async def _judge(self, connection: Connection, items: list[_Waiting]) -> _Batch:
        """Judge a batch in a draft, and write its leaves and rows, inside the writing job."""
        keys = (self._feeds.own(LEDGER), self._feeds.own(TRUST))
        ids = [item.record.id for item in items]
        state, keys_at, known = await ledger_store.begin_batch(connection, keys, ids)
        if state is None:
            state = await self._feeds.ensure(connection, keys[0])
        if state.size != self.book.size:
            raise StorageError(f"the ledger feed has {state.size} leaves, the book {self.book.size}: two sequencers")
        batch = _Batch(self.book.draft())
        batch.draft.know(await self._facts.read(connection, [item.instruction for item in items], keys_at))
        now_ms = self._clock.now_ms()
        salts = self._clock.random_bytes(SALT_BYTES * len(items))
        for place, item in enumerate(items):
            salt = salts[place * SALT_BYTES : (place + 1) * SALT_BYTES]
            outcome = self._answer(item, batch, known, now_ms=now_ms, keys_at=keys_at, salt=salt)
            batch.outcomes.append(outcome)
        if not items:
            self._let_time_go_on(batch, keys_at)
        if batch.written:
            leaves = self._feeds.extend(state, batch.leaves)
            draft = batch.draft
            changed, changed_items = draft.changed.values(), draft.changed_items.values()
            await ledger_store.write(connection, leaves, state.sequence, batch.written, changed, changed_items)
        return batch

    def _let_time_go_on(self, batch: _Batch, keys_at: int) -> None:
        """Add a leaf without a record, by which ends what has come to its end."""
        # spec/04-ledger L-58: of the time of that end, not of a clock that may be ahead.
        time_ms = self._alarm.due_ms()
        if time_ms is None:
            return
        applied = tick(batch.draft, now_ms=time_ms, keys_at=keys_at)
        leaf = LedgerLeaf(None, keys_at, applied.time_ms, applied.outcome, self._clock.random_bytes(SALT_BYTES))
        batch.leaves.append(NewLeaf(None, False, encode_leaf(leaf)))
        batch.written.append(ledger_store.Written(None, b"", applied))

    def _answer(
        self,
        item: _Waiting,
        batch: _Batch,
        known: dict[bytes, ledger_store.Answer],
        *,
        now_ms: int,
        keys_at: int,
        salt: bytes,
    ) -> Outcome:
        """Answer one instruction of a batch, adding its leaf and rows when it is new."""
        record = item.record
        earlier = known.get(record.id)
        if earlier is not None:
            return _recorded(record.id, earlier, again=True)
        far_off = clock_refusal(record, now_ms)
        if far_off is not None:
            return Refused(id=record.id, refusal=far_off)
        author = record.header.author
        may_sign = None if author is None else self._facts.keys.get(author)
        if not may_sign:
            return Refused(id=record.id, refusal=Refusal.of(Code.UNKNOWN_AUTHOR))
        if record.header.key not in may_sign:
            return Refused(id=record.id, refusal=Refusal.of(Code.KEY_NOT_VALID))
        roles = self._facts.roles
        if not rules_of(item.instruction).is_entitled(item.instruction, ledger=self.book.ledger, roles=roles):
            refusal = Refusal.of(Code.NOT_ALLOWED, f"this author may not sign such a {record.header.kind}")
            return Refused(id=record.id, refusal=refusal)
        applied = apply(batch.draft, item.instruction, now_ms=now_ms, keys_at=keys_at, roles=roles)
        if record.id in self._facts.named and record.header.kind == TRANSFER and applied.outcome == POSTED:
            # Named later in this batch, where the store doesn't have it yet.
            batch.draft.know((transfer_item(item.instruction, index=applied.index),))
        leaf = LedgerLeaf(record.id, keys_at, applied.time_ms, applied.outcome, salt)
        batch.leaves.append(NewLeaf(record.id, True, encode_leaf(leaf)))
        batch.written.append(ledger_store.Written(record, encode_record(record), applied))
        known[record.id] = answer = ledger_store.Answer(applied.index, applied.outcome)
        return _recorded(record.id, answer, again=False)


def _recorded(record_id: bytes, answer: ledger_store.Answer, *, again: bool) -> Recorded:
    """Give the answer that a leaf stands for; the same each time but for `again`."""
    code = code_of(answer.outcome)
    void = None if code is None else code.refusal()
    return Recorded(id=record_id, feed=LEDGER, index=answer.index, again=again, void=void, outcome=answer.outcome)
