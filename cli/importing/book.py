"""The book of what was imported, kept beside the members' keys, so that importing twice changes nothing.

One line of JSON a fact, appended and flushed to the disk: a record's bytes *before* they are sent, and the node's
answer after. If the program dies in between, the next run sends the very same bytes, and the node gives its first
answer again. A row whose record was refused begins anew; one whose content has changed becomes a revision of the
thing that the book names. Lines of other networks may stand in the same book. Source: docs/reference/csv.md.

Tests: tests/cli/importing/test_work.py
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.errors import FailedCheckError, UsageProblemError
from cli.keys import MODE
from protocol.errors import RemoteProtocolError
from protocol.identifiers import to_text
from protocol.record import Record, decode_record, encode_record

NAME = "imported.jsonl"


@dataclass(slots=True)
class Entry:
    """What the book knows of one step.

    Attributes:
        thing: The thing's id.
        records: The records that were made of it, oldest first, with the digest of what the row said.
        answered: How many of them the node has recorded.
    """

    thing: bytes
    records: list[tuple[str, Record]] = field(default_factory=list)
    answered: int = 0

    @property
    def newest(self) -> Record:
        """The newest record."""
        return self.records[-1][1]

    @property
    def digest(self) -> str:
        """The digest of what the row said when the newest record was made."""
        return self.records[-1][0]


def names_of(folder: Path | None, network: bytes) -> dict[str, bytes]:
    """Give the agents that earlier imports named, by key.

    Args:
        folder: of the members' key files, where the book is; None for no names.
        network: the network's id, 32 bytes.
    """
    if folder is None:
        return {}
    steps = (
        (step.partition("/"), entry) for step, entry in Book(folder / NAME, to_text("agent", network)).entries.items()
    )
    return {key: entry.thing for (table, _, key), entry in steps if table == "agents" and "/" not in key}


class Book:
    """The book of one network's imports.

    Args:
        path: the file; it need not be there yet.
        network: the network's id as text.
    """

    def __init__(self, path: Path, network: str) -> None:
        self.path = path
        self.network = network
        self.entries: dict[str, Entry] = {}
        data = self._read()
        # A last line without its end was cut off by a crash, before it was acted on: it is written over.
        self._size = data.rfind(b"\n") + 1
        for number, line in enumerate(data[: self._size].splitlines(), start=1):
            self._replay(line, number)

    def known(self) -> dict[str, str]:
        """Give the keys that earlier imports named, each with the kind of what it names."""
        kinds: dict[str, str] = {}
        for step, entry in self.entries.items():
            table, _, key = step.partition("/")
            if "/" not in key:
                kinds[key] = "network" if table == "network" else entry.newest.header.kind
        return kinds

    def is_unanswered(self, step: str, record: Record) -> bool:
        """Say whether a record was sent, or was to be sent, without an answer that the book knows."""
        entry = self.entries.get(step)
        return entry is not None and record is entry.newest and entry.answered < len(entry.records)

    def plan(self, records: Iterable[tuple[str, str, Record]]) -> None:
        """Write down records that are about to be sent.

        Args:
            records: step, digest and record of each.
        """
        lines = []
        for step, digest, record in records:
            lines.append(
                {
                    "network": self.network,
                    "step": step,
                    "digest": digest,
                    "record": base64.b64encode(encode_record(record)).decode(),
                }
            )
            self._take(step, digest, record)
        self._append(lines)

    def answer(self, answers: Iterable[tuple[str, str]]) -> None:
        """Write down what the node answered.

        Args:
            answers: step, and "recorded" or the refusal's code, one for each record sent.
        """
        lines = [{"network": self.network, "step": step, "answer": answer} for step, answer in answers]
        for line in lines:
            self._answered(line["step"], line["answer"])
        self._append(lines)

    def _read(self) -> bytes:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise UsageProblemError(
                f"{self.path} can't be read: {error.strerror}.",
                next_step="Restore it, or choose another --member-keys.",
            ) from error

    def _replay(self, line: bytes, number: int) -> None:
        try:
            value = json.loads(line)
            if value["network"] != self.network:
                return
            if "answer" in value:
                self._answered(value["step"], value["answer"])
            else:
                record = decode_record(base64.b64decode(value["record"], validate=True))
                self._take(value["step"], value["digest"], record)
        except (ValueError, KeyError, TypeError, RemoteProtocolError) as error:
            raise FailedCheckError(
                f"{self.path}, line {number}, is damaged.",
                code="book",
                next_step="Restore the file from a copy; without it, things would be imported twice.",
            ) from error

    def _take(self, step: str, digest: str, record: Record) -> None:
        entry = self.entries.setdefault(step, Entry(record.thing_id))
        entry.records.append((digest, record))

    def _answered(self, step: str, answer: str) -> None:
        entry = self.entries[step]
        if answer == "recorded":
            entry.answered = len(entry.records)
            return
        entry.records.pop()
        if not entry.records:
            del self.entries[step]

    def _append(self, lines: list[dict[str, Any]]) -> None:
        if not lines:
            return
        data = "".join(json.dumps(line) + "\n" for line in lines).encode()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT, MODE), "wb") as file:
                file.truncate(self._size)
                file.seek(self._size)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise UsageProblemError(
                f"{self.path} can't be written: {error.strerror}.", next_step="Free space, or change the rights."
            ) from error
        self._size += len(data)
