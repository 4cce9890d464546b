"""Carrying an import out: make the records, note them in the book, send them, note the answers.

Rules: records that were made before are sent again as they are, so that the node's first answer counts; an agent's
records go in one submission with its membership; the ledger's instructions go last; one refused row stops no other.
Source: docs/reference/csv.md.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

from cli import keys
from cli.errors import UsageProblemError
from cli.importing.book import Book, Entry
from cli.importing.drafts import Draft, digest_of, resolve
from cli.importing.folder import Folder
from cli.importing.problems import Problem
from cli.keys import Signer
from cli.records import Author, first_agent, now_ms
from protocol.kinds import KINDS
from protocol.limits import RECORDS_PER_SUBMIT_MAX
from protocol.record import Record

TRANSFER_LIFE_MS = 3600 * 1000
KEY_SUFFIX = ".key"
RECORDED = "recorded"
LEDGER_KINDS = ("account", "transfer")
FIXED = "Undo it with a new record; this one can't change."

Advance = Callable[[int], None]


class Answer(Protocol):
    """What the node says to one record: a refusal has a code, anything else has none."""

    @property
    def code(self) -> str:
        """The refusal's code, or nothing."""

    @property
    def message(self) -> str:
        """The refusal's sentence."""

    @property
    def next_step(self) -> str:
        """What to do about it."""


class Send(Protocol):
    """Gives at most a hundred records to the network's node."""

    def __call__(self, records: Sequence[Record]) -> Awaitable[Sequence[Answer]]:
        """Send records and give the answers in their order."""


class MemberKeys:
    """The folder of the members' key files, one for each key of agents.csv.

    Args:
        folder: where they are; made when the first is written.
        passphrase: gives the passphrase of a file; the second argument says that it is new.
    """

    def __init__(self, folder: Path, passphrase: Callable[[Path, bool], str]) -> None:
        self.folder = folder
        self._passphrase = passphrase
        self._loaded: dict[str, Signer] = {}

    def path(self, key: str) -> Path:
        """Give the key file of an agent."""
        return self.folder / (key + KEY_SUFFIX)

    def load(self, key: str) -> Signer:
        """Read the key file of an agent that has joined.

        Raises:
            UsageProblemError: it is missing.
        """
        if key not in self._loaded:
            path = self.path(key)
            if not path.exists():
                raise UsageProblemError(
                    f"{path} is missing, and {key} has joined with it.",
                    next_step="Restore the file, then import again.",
                )
            self._loaded[key] = keys.load(path, self._passphrase(path, False) if keys.is_locked(path) else "")
        return self._loaded[key]

    def new(self, key: str) -> Signer:
        """Give the keys of an agent that is new: those of its file where there is one, otherwise fresh ones."""
        return self.load(key) if self.path(key).exists() else keys.new_signer(key)

    def keep(self, key: str, signer: Signer) -> None:
        """Write the key file of an agent, now that its id is known."""
        path = self.path(key)
        is_there = path.exists()
        keys.save(path, signer, self._passphrase(path, not is_there), replacing=is_there)
        self._loaded[key] = signer


@dataclass(slots=True, kw_only=True)
class Planned:
    """A draft and the record that was made of it."""

    draft: Draft
    digest: str
    record: Record


@dataclass(slots=True, kw_only=True)
class Report:
    """What an import did, or would do.

    Attributes:
        created: New things, by kind.
        revised: Changed things, by kind.
        unchanged: Things that were there already.
        problems: Rows that were refused.
    """

    created: dict[str, int] = field(default_factory=dict)
    revised: dict[str, int] = field(default_factory=dict)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "created": self.created,
            "revised": self.revised,
            "unchanged": self.unchanged,
            "refused": [problem.as_json() for problem in self.problems],
        }


class Names:
    """Which ids stand behind the keys of a folder.

    Args:
        book: what was imported before.
        network: the network's id, 32 bytes.
    """

    def __init__(self, book: Book, network: bytes) -> None:
        self._network = network
        self.things: dict[str, bytes] = {}
        self.records: dict[str, bytes] = {}
        for step, entry in book.entries.items():
            self.learn(step, entry.thing, entry.newest.id)

    def learn(self, step: str, thing: bytes, record: bytes) -> None:
        """Keep the ids behind the key of a step; steps without one, such as memberships, name nothing."""
        table, _, key = step.partition("/")
        if "/" in key:
            return
        self.things[key] = self._network if table == "network" else thing
        self.records[key] = record

    def body_of(self, draft: Draft) -> dict[str, Any]:
        """Give a draft's body with ids in the place of keys; each must be known."""
        body = resolve(draft.body, self.things, self.records)
        assert isinstance(body, dict)
        return body


@dataclass(slots=True, kw_only=True)
class Import:
    """One import into one network.

    Attributes:
        folder: What is to be imported, without problems.
        book: What was imported before.
        network: Who signs for the network.
        members: The members' key files.
    """

    folder: Folder
    book: Book
    network: Author
    members: MemberKeys
    report: Report = field(default_factory=Report)

    def foresee(self) -> Report:
        """Say what would be done, without making keys or records."""
        names = Names(self.book, self.network.home)
        for draft in self.folder.drafts:
            if draft.key and draft.key not in names.things:
                placeholder = hashlib.sha256(draft.step.encode()).digest()
                names.learn(draft.step, placeholder, placeholder)
            entry = self.book.entries.get(draft.step)
            self._is_to_be_made(draft, entry, digest_of(draft, names.body_of(draft)))
        return self.report

    async def carry_out(self, send: Send, advance: Advance) -> Report:
        """Make, note and send everything.

        Args:
            send: gives at most a hundred records to the network's node.
            advance: is told how many more records were answered.
        """
        await self._send_again(send, advance)
        names = Names(self.book, self.network.home)
        planned = [one for draft in self.folder.drafts if (one := self._plan(draft, names)) is not None]
        before = set(self.book.entries)
        self.book.plan((one.draft.step, one.digest, one.record) for one in planned)
        for batch in batches(planned):
            answers = await send([one.record for one in batch])
            noted = []
            for one, answer in zip(batch, answers, strict=True):
                noted.append((one.draft.step, answer.code or RECORDED))
                if answer.code:
                    self._problem(one.draft, answer.message, answer.next_step)
                    self._count(one.draft, is_new=one.draft.step not in before, by=-1)
            self.book.answer(noted)
            advance(len(batch))
        return self.report

    async def _send_again(self, send: Send, advance: Advance) -> None:
        """Send what earlier runs made, in its order, so that what was cut off in between is completed."""
        again = [(step, record) for step, entry in self.book.entries.items() for _, record in entry.records]
        again.sort(key=lambda pair: pair[1].header.kind in LEDGER_KINDS)
        for start in range(0, len(again), RECORDS_PER_SUBMIT_MAX):
            batch = again[start : start + RECORDS_PER_SUBMIT_MAX]
            answers = await send([record for _, record in batch])
            noted = [
                (step, answer.code or RECORDED)
                for (step, record), answer in zip(batch, answers, strict=True)
                if self.book.is_unanswered(step, record)
            ]
            self.book.answer(noted)
            advance(len(batch))

    def _plan(self, draft: Draft, names: Names) -> Planned | None:
        """Make the record of a draft, or None where nothing is to be sent."""
        entry = self.book.entries.get(draft.step)
        if draft.step.startswith("network/"):
            names.learn(draft.step, self.network.home, self.network.home)
        body = names.body_of(draft)
        digest = digest_of(draft, body)
        if not self._is_to_be_made(draft, entry, digest):
            return None
        record = (
            self._make_agent(draft, body, entry) if draft.kind == "agent" else self._make(draft, body, entry, names)
        )
        names.learn(draft.step, record.thing_id, record.id)
        return Planned(draft=draft, digest=digest, record=record)

    def _is_to_be_made(self, draft: Draft, entry: Entry | None, digest: str) -> bool:
        """Count what becomes of a draft; say whether a record is to be made."""
        if entry is not None and entry.digest == digest:
            self.report.unchanged += 1
            return False
        if entry is None:
            self._count(draft, is_new=True)
            return True
        if draft.kind == "agent" and not draft.is_mapped and entry.newest.header.author == self.network.home:
            self._problem(draft, "This agent was mapped and has no keys.", "Enrol it with `mutirao member add`.")
        elif not KINDS[draft.kind].is_revisable and draft.kind != "account":
            self._problem(draft, f"This {draft.kind} was imported before with other content.", FIXED)
        else:
            self._count(draft, is_new=False)
            return True
        return False

    def _count(self, draft: Draft, *, is_new: bool, by: int = 1) -> None:
        counts = self.report.created if is_new else self.report.revised
        counts[draft.kind] = counts.get(draft.kind, 0) + by
        if not counts[draft.kind]:
            del counts[draft.kind]

    def _make(self, draft: Draft, body: dict[str, Any], entry: Entry | None, names: Names) -> Record:
        if draft.author is None:
            author = self.network
        else:
            signer = self.members.load(draft.author)
            author = Author(signer=signer, agent=names.things[draft.author], home=self.network.home)
        if draft.kind == "transfer":
            late_ms = now_ms() + TRANSFER_LIFE_MS
            body |= {"ledger": self.network.home, "expires_ms": late_ms, "nonce": secrets.token_bytes(16)}
        if draft.kind == "account" and entry is not None:
            return author.make("account", {**body, "action": "limit"})
        if entry is None:
            return author.make(draft.kind, body)
        return author.make(draft.kind, body, thing=entry.thing, previous=entry.newest.id)

    def _make_agent(self, draft: Draft, body: dict[str, Any], entry: Entry | None) -> Record:
        if draft.is_mapped:
            body = {**body, "keys": []}
            if entry is None:
                return self.network.make("agent", body)
            return self.network.make("agent", body, thing=entry.thing, previous=entry.newest.id)
        if entry is None:
            signer = self.members.new(draft.key)
            record = first_agent(signer, body["type"], self.network.home)
            self.members.keep(draft.key, signer.enrolled(record.id, self.network.home))
            return record
        signer = self.members.load(draft.key)
        body = {**body, "keys": [{"sign": signer.public, "seal": signer.sealing_public}]}
        author = Author(signer=signer, agent=entry.thing, home=self.network.home)
        return author.make("agent", body, thing=entry.thing, previous=entry.newest.id)

    def _problem(self, draft: Draft, message: str, next_step: str) -> None:
        self.report.problems.append(
            Problem(file=draft.file, line=draft.line, column="", message=message, next_step=next_step)
        )


def batches(planned: Iterable[Planned]) -> list[list[Planned]]:
    """Cut records into submissions of at most a hundred, in order, without parting a row; the ledger's go last.

    Args:
        planned: records in the order of their rows.
    """
    found: list[list[Planned]] = []
    rows = list(planned)
    for part in ("", *LEDGER_KINDS):
        batch: list[Planned] = []
        chosen = [one for one in rows if (one.draft.kind if one.draft.kind in LEDGER_KINDS else "") == part]
        for _, row in groupby(chosen, key=lambda one: (one.draft.file, one.draft.line)):
            together = list(row)
            if len(batch) + len(together) > RECORDS_PER_SUBMIT_MAX:
                found.append(batch)
                batch = []
            batch.extend(together)
        if batch:
            found.append(batch)
    return found
