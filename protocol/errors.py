"""What can go wrong, and whose fault it is.

    MutiraoError
    ├── ConfigError           the operator's settings
    ├── StorageError          the database or the disk
    └── ProtocolError         a rule of the protocol, with a wire code
        ├── LocalProtocolError    our own caller broke it (a bug)
        └── RemoteProtocolError   bytes from a peer or a user broke it

Whatever a peer or a user sends, `RemoteProtocolError` is the only exception it can cause.
A well-formed request that can't be met is no exception but a `Refusal`.
Wire codes never change; each subject keeps its own enum of this shape (`CodeEnum`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class CodeEnum(StrEnum):
    """A wire code that carries its explanation and what to do next."""

    explanation: str
    next_step: str

    def __new__(cls, value: str, explanation: str = "", next_step: str = "") -> Self:
        """Make a member of `value`, `explanation` and `next_step`."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.explanation = explanation
        member.next_step = next_step
        return member


class Code(CodeEnum):
    """Codes of bytes, keys, records and rules."""

    MALFORMED = (
        "malformed",
        "The bytes are not what this place expects.",
        "Send the form that the API page describes.",
    )
    NOT_CANONICAL = (
        "not_canonical",
        "The bytes say something valid in a form that is not the canonical one.",
        "Encode again: shortest integers, map keys sorted by UTF-8 bytes, no duplicates, nothing behind the end.",
    )
    TOO_LARGE = ("too_large", "It is larger than its bound.", "Send less at once; the bound is in the message.")
    UNKNOWN_VERSION = (
        "unknown_version",
        "The version is not one that this program knows.",
        "Update the older program.",
    )
    WRONG_TYPE = ("wrong_type", "A field has a value of the wrong type.", "Correct the field that the message names.")
    MISSING_FIELD = ("missing_field", "A required field is missing.", "Add the field that the message names.")
    OUT_OF_RANGE = ("out_of_range", "A value lies outside its range.", "Correct the value that the message names.")
    BAD_KEY = (
        "bad_key",
        "The public key is not a safe Ed25519 or X25519 key.",
        "Make a new key with `mutirao key new`; this one can't be used.",
    )
    BAD_SIGNATURE = (
        "bad_signature",
        "The signature does not fit the bytes and the key.",
        "Sign the record again with the key that it names, and send it unchanged.",
    )
    BAD_ID = ("bad_id", "The id is not the hash of the record.", "Send the record unchanged.")
    BAD_PROOF = ("bad_proof", "The proof does not lead to the signed root.", "Fetch the proof again.")
    BAD_ROOT = (
        "bad_root",
        "The entries do not fold to the signed root.",
        "Fetch the range again, or from another peer.",
    )
    UNKNOWN_KIND = ("unknown_kind", "The kind of record is not known here.", "Update the program that should read it.")
    WRONG_HOME = (
        "wrong_home",
        "The record was made for another network.",
        "Send it to the network that it names as its home, or sign it anew for this one.",
    )
    WRONG_FEED = ("wrong_feed", "The record stands in a feed that is not the one of its kind.", "Nothing: it is void.")
    UNKNOWN_AUTHOR = (
        "unknown_author",
        "Nobody of this network has the author's id.",
        "Enrol first: ask the network's operator for `mutirao member add`.",
    )
    KEY_NOT_VALID = (
        "key_not_valid",
        "The key is not one of the author's keys at this time.",
        "Sign with a key that the author's `agent` record lists.",
    )
    STALE = (
        "stale",
        "The record replaces a revision that is no longer the current one.",
        "Read the current revision, decide again, and sign a new revision that names it.",
    )
    NOT_AUTHOR = ("not_author", "Only its author may revise this thing.", "Ask the author to do it.")
    UNKNOWN_THING = (
        "unknown_thing",
        "A record or thing that is named is not known here.",
        "Check the id; send it first.",
    )
    WRONG_KIND = ("wrong_kind", "A named thing is of another kind than needed.", "Name a thing of the right kind.")
    NOT_ALLOWED = ("not_allowed", "The author has no right to do this.", "Ask somebody whose role allows it.")
    NOT_ADMITTED = (
        "not_admitted",
        "A new agent needs a membership signed by the network in the same submission.",
        "Ask the network's operator for `mutirao member add`.",
    )
    CLOCK_FAR_OFF = (
        "clock_far_off",
        "The record's time is more than a day away from this server's clock.",
        "Set the date and time of the device, then sign again.",
    )
    TOO_MANY = ("too_many", "There are more items than the bound allows.", "Send fewer; the bound is in the message.")
    NOT_FOUND = ("not_found", "There is nothing under this name here.", "Check the address or the id.")
    UNAUTHORIZED = ("unauthorized", "This needs a login.", "Log in with your key and try again.")
    FORBIDDEN = ("forbidden", "This login may not read or do this.", "Log in as somebody who may.")
    CONFLICT = ("conflict", "It contradicts what is recorded here.", "Read the current state, then decide again.")
    DISK_FULL = (
        "disk_full",
        "The server's disk is full; nothing was recorded.",
        "Tell the operator to free space; then send the same again.",
    )
    UNAVAILABLE = ("unavailable", "The server can't do this right now.", "Wait a little, then send the same again.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A valid "no" to a well-formed request.

    Attributes:
        code: The wire code, which never changes.
        message: What came and what was wanted, for this case.
        next_step: What the person can do now.
    """

    code: str
    message: str
    next_step: str

    @classmethod
    def of(cls, code: CodeEnum, message: str = "") -> Refusal:
        """Make the refusal of `code`, with its own explanation where no `message` is given."""
        return cls(code=code.value, message=message or code.explanation, next_step=code.next_step)


class MutiraoError(Exception):
    """The root of all errors that this program raises on purpose.

    Attributes:
        next_step: What to do, where the place that raises knows it better than the kind of the error tells.
    """

    def __init__(self, *arguments: object, next_step: str = "") -> None:
        """Keep `next_step`; the rest is as with any exception."""
        super().__init__(*arguments)
        self.next_step = next_step


class ConfigError(MutiraoError):
    """The operator's settings can't be used; the message says which and how to mend it."""


class StorageError(MutiraoError):
    """The database or the disk failed, or holds what it can't hold."""


class ProtocolError(MutiraoError):
    """A rule of the protocol was broken.

    Attributes:
        code: A member of a `CodeEnum`.
        message: What came and what was wanted.
    """

    def __init__(self, code: CodeEnum, message: str = "") -> None:
        """Keep `code` and `message` (the code's explanation where none is given)."""
        self.code = code
        self.message = message or code.explanation
        super().__init__(self.message)

    def refusal(self) -> Refusal:
        """Give the same as a `Refusal`, for answers."""
        return Refusal.of(self.code, self.message)


class LocalProtocolError(ProtocolError):
    """Our own caller broke a rule: a bug, never a peer's doing."""


class RemoteProtocolError(ProtocolError):
    """Bytes from a peer or a user broke a rule."""
