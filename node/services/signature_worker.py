"""The worker process of `node.services.signatures`: reads batches of signatures, answers one byte each.

Run by path, with the folder of the packages as its argument; it ends when its input does. It imports the one
acceptance rule of `protocol.keys` and nothing of the node.

It runs a little less urgently than the node: a worker that is woken by the pipe would else take over the very core that
the node writes from, and each question cost the node 0.7 ms of waiting instead of 0.02 ms (measured on 2 cores).
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import BinaryIO

ITEM_BYTES = 32 + 64 + 32
"""Key, signature, record id."""

NICENESS = 5
"""How much less urgent a worker is than the node."""


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer questions until the input ends.

    Args:
        questions: See `node.services.signatures` for the bytes.
        answers: One byte a signature: 1 for a sound one, 0 for any other.
    """
    while len(head := questions.read(4)) == 4:
        count = int.from_bytes(head)
        batch = questions.read(count * ITEM_BYTES)
        if len(batch) != count * ITEM_BYTES:
            return
        answers.write(bytes(_is_sound(batch, at) for at in range(0, len(batch), ITEM_BYTES)))
        answers.flush()


def _is_sound(batch: bytes, at: int) -> bool:
    from protocol import keys  # noqa: PLC0415 - on the path only once the argument was read
    from protocol.errors import RemoteProtocolError  # noqa: PLC0415 - as above
    from protocol.record import TAG  # noqa: PLC0415 - as above

    try:
        keys.verify(batch[at : at + 32], TAG, batch[at + 96 : at + 128], batch[at + 32 : at + 96])
    except RemoteProtocolError:
        return False
    return True


if __name__ == "__main__":
    # Ctrl-C reaches the whole group: the node ends its workers when it has answered what waits.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.path.insert(0, sys.argv[1])
    os.nice(NICENESS)
    with contextlib.suppress(BrokenPipeError):
        serve(sys.stdin.buffer, sys.stdout.buffer)
