"""What a row says, before it is signed: drafts of records whose mentions of other rows are still keys.

A draft's body is that of its record, with a `Mention` wherever an id belongs. Once every earlier draft has its id,
`resolve` puts the ids in; before that, `trial` puts in ids of the right form, so that a body can be checked by the
same rules that the node keeps. Source: docs/reference/csv.md.

Tests: tests/cli/importing/test_folder.py
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from protocol import codec


@dataclass(frozen=True, slots=True)
class Mention:
    """A cell that names another row by its key.

    Attributes:
        key: The other row's key.
        column: In which column it stands.
        kinds: What the other row may be.
        record: The id of its record is meant; otherwise that of the thing, which stays the same when it is revised.
    """

    key: str
    column: str
    kinds: frozenset[str]
    record: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One record to be.

    Attributes:
        file: The file that it comes from.
        line: The line in which its row begins.
        key: The row's key, which names the thing; "" for what isn't named, such as a membership.
        step: What names the record for life in the book of what was imported, such as `agents/ana/profile`.
        kind: The record's kind.
        author: The key of the agent that signs, or None for the network.
        body: The body, with mentions in place of ids.
        is_mapped: An `agent` without keys.
    """

    file: str
    line: int
    key: str
    step: str
    kind: str
    author: str | None
    body: dict[str, Any] = field(repr=False)
    is_mapped: bool = False

    def mentions(self) -> Iterator[Mention]:
        """Give all mentions, the author's among them."""
        if self.author is not None:
            yield Mention(self.author, "agent", frozenset({"agent"}))
        yield from _mentions(self.body)


def resolve(value: Any, things: Mapping[str, bytes], records: Mapping[str, bytes]) -> Any:
    """Put ids in the place of mentions.

    Args:
        value: a body or a part of one.
        things: key to the thing's id.
        records: key to the id of the newest record.

    Raises:
        KeyError: a key has no id yet.
    """
    if isinstance(value, Mention):
        return records[value.key] if value.record else things[value.key]
    if isinstance(value, dict):
        return {name: resolve(one, things, records) for name, one in value.items()}
    if isinstance(value, list):
        return [resolve(one, things, records) for one in value]
    return value


def trial(value: Any) -> Any:
    """Put ids of the right form in the place of mentions, for checking a body before anything is signed."""
    if isinstance(value, Mention):
        return hashlib.sha256(value.key.encode()).digest()
    if isinstance(value, dict):
        return {name: trial(one) for name, one in value.items()}
    if isinstance(value, list):
        return [trial(one) for one in value]
    return value


def digest_of(draft: Draft, body: Mapping[str, Any]) -> str:
    """Give what tells whether a row says the same as when it was imported before, as hexadecimal text."""
    return hashlib.sha256(codec.encode([draft.kind, draft.author, dict(body)])).hexdigest()


def _mentions(value: Any) -> Iterator[Mention]:
    if isinstance(value, Mention):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _mentions(one)
    elif isinstance(value, list):
        for one in value:
            yield from _mentions(one)
