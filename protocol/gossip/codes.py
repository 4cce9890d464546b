"""Why a link ends: the codes of BYE.

A BYE carries one of these or a code of `protocol.errors` (for bytes that fail), and a sentence for the operator of the
other side. Codes never change. An unknown code is shown as it is.

Tests: tests/protocol/gossip/test_session.py
Source: spec/06-gossip G-74.
"""

from __future__ import annotations

from protocol.errors import CodeEnum


class ByeCode(CodeEnum):
    """Codes of links."""

    SHUTDOWN = ("shutdown", "The node is stopping.", "Nothing: it is dialled again after a while.")
    NOT_ADMITTED = (
        "not_admitted",
        "The network is not on the peer list of the other node.",
        "Ask its operator to run `mutirao peer add` with your address.",
    )
    OTHER_NETWORK = (
        "other_network",
        "Another network answers at this address than the one that was expected.",
        "Check the address and the network's id with its operator.",
    )
    SAME_NETWORK = (
        "same_network",
        "The node was linked with itself.",
        "Remove your own address from the list of peers.",
    )
    DUPLICATE = ("duplicate", "The two networks are already linked.", "Nothing: the other link stays.")
    WRONG_HOST = (
        "wrong_host",
        "The dialler meant another host than the one that it reached.",
        "Set `url` in the listener's node.toml to the address under which peers dial it.",
    )
    BAD_IDENTITY = (
        "bad_identity",
        "The agent and epoch records of the hello don't prove a network's link key.",
        "Check the keys folder of the node that was refused.",
    )
    STALE_EPOCH = (
        "stale_epoch",
        "The hello carries an older epoch of the network than the one known here.",
        "Start the node from its newest data; an old copy must not speak for the network.",
    )
    BAD_AUTH = (
        "bad_auth",
        "The signature of the authentication doesn't fit this link.",
        "Check that no program between the nodes alters or replays frames.",
    )
    UNEXPECTED = (
        "unexpected",
        "The message has no place in this state of the session.",
        "Update the older of the two programs.",
    )
    HANDSHAKE_TIMEOUT = (
        "handshake_timeout",
        "The other node didn't authenticate in time.",
        "Check its clock, its load and the connection.",
    )
    IDLE_TIMEOUT = ("idle_timeout", "Nothing arrived for too long.", "Nothing: it is dialled again after a while.")
    SLOW_READER = (
        "slow_reader",
        "The other node doesn't read what it asked for.",
        "Check the connection; the node takes up again where it was.",
    )
    FORK = (
        "fork",
        "Two signed heads of one feed contradict each other.",
        "Keep both heads; the network's operators must say which history is theirs.",
    )
    BEHIND_PEER = (
        "behind_peer",
        "A peer holds more of this network's own feed than is here.",
        "The data here is an older copy: restore the newest, before anything new is published.",
    )
    LOST = ("lost", "The connection broke without a word.", "Nothing: it is dialled again after a while.")
    INTERNAL = ("internal", "The node met an error of its own.", "Look into the log of the node that says so.")
