"""All bounds, each with its reason.

Every input has a bound and every bound has its place here, under the heading of its subject.
"""

from __future__ import annotations

# Codec

DEPTH_MAX = 16
"""Nesting of arrays and maps in one value; our deepest body needs 6."""

# Records

RECORD_BYTES_MAX = 16 * 1024
"""One encoded record; photos travel by hash."""

KIND_CHARS_MAX = 32
"""Characters of a record's kind."""

TO_MAX = 4
"""Networks that a record may be addressed to: two homes, their common region, and one to spare."""

SALT_BYTES = 16
"""Salt of a part: enough that the hash of a short text can't be guessed."""

RECORDS_PER_SUBMIT_MAX = 100
"""Records in one submission to a home."""

CLOCK_SKEW_MS_MAX = 24 * 3600 * 1000
"""How far a record's time may be from the home's clock when it is submitted."""

# Sealed parts

RECIPIENTS_MAX = 16
"""Sealing keys that one sealed part is readable by."""

# Checkpoints

NOTE_BYTES_MAX = 8 * 1024
"""A signed note with its cosignatures."""

NOTE_SIGNATURES_MAX = 16
"""Signature lines of a note."""
