"""HELLO and AUTH: who is at the other end, and whether it may stay.

Both send HELLO at once. The dialler answers the listener's HELLO with its AUTH; the listener checks it, the host and
its peer list, and only then shows its own AUTH. So nobody but an admitted network gets a signature from a listener,
and a node in between can forward neither to another host.

Source: spec/06-gossip G-10 to spec/06-gossip G-19.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from protocol import keys
from protocol.errors import RemoteProtocolError
from protocol.gossip.codes import ByeCode
from protocol.gossip.identity import DIALLER, LINK_TAG, LISTENER, Identity, auth_message, identify
from protocol.gossip.messages import VERSION, Auth, Follow, Hello
from protocol.limits import FRAME_BYTES_MAX, GETS_IN_FLIGHT_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What a node brings to its links; one object for all of them.

    Attributes:
        identity: The node's network.
        link_seed: The epoch's link key, 32 bytes.
        hosts: The hosts under which peers may dial this node, normal form.
        admitted: The networks on the peer list.
        epochs: The newest epoch known of each network.
        follows: What to follow at each network; all that it carries where nothing is said.
    """

    identity: Identity
    link_seed: bytes
    hosts: Container[str]
    admitted: Container[bytes]
    epochs: Mapping[bytes, int] = field(default_factory=dict)
    follows: Mapping[bytes, Follow] = field(default_factory=dict)


class Handshake:
    """One handshake.

    Attributes:
        peer: The network at the other end; proved once `on_auth` has returned.
        version: The version that both speak.
        frame_bytes_max: The largest frame that the peer reads.
        gets_max: How many GETs the peer allows at once.
    """

    __slots__ = (
        "_expected",
        "_host",
        "_nonce",
        "_own",
        "_peer_nonce",
        "frame_bytes_max",
        "gets_max",
        "peer",
        "version",
    )

    def __init__(self, own: Own, *, nonce: bytes, host: str | None, expected: bytes | None) -> None:
        """Prepare the handshake.

        Args:
            own: This node.
            nonce: 32 random bytes, never used before.
            host: The host that was dialled, normal form; None for a listener.
            expected: The network that the dialler wants to reach, where it knows.
        """
        self._own = own
        self._nonce = nonce
        self._host = host
        self._expected = expected
        self._peer_nonce = b""
        self.peer: Identity | None = None
        self.version = VERSION
        self.frame_bytes_max = FRAME_BYTES_MAX
        self.gets_max = GETS_IN_FLIGHT_MAX

    @property
    def is_dialler(self) -> bool:
        """Whether this side opened the connection."""
        return self._host is not None

    def hello(self) -> Hello:
        """Give this side's HELLO."""
        return Hello(
            agent_record=self._own.identity.agent_record,
            epoch_record=self._own.identity.epoch_record,
            nonce=self._nonce,
            frame_bytes_max=FRAME_BYTES_MAX,
            gets_max=GETS_IN_FLIGHT_MAX,
        )

    def on_hello(self, message: Hello) -> Auth | None:
        """Take the peer's HELLO; give the AUTH to answer with, which a listener withholds.

        Raises:
            RemoteProtocolError: `bad_identity`, `same_network`, `other_network`, `stale_epoch`, or a record's code.
        """
        peer = identify(message.agent_record, message.epoch_record)
        if peer.network == self._own.identity.network:
            raise RemoteProtocolError(ByeCode.SAME_NETWORK)
        if self._expected is not None and peer.network != self._expected:
            raise RemoteProtocolError(ByeCode.OTHER_NETWORK)
        if peer.epoch < self._own.epochs.get(peer.network, 0):
            text = f"epoch {peer.epoch} of the network; epoch {self._own.epochs[peer.network]} is known here"
            raise RemoteProtocolError(ByeCode.STALE_EPOCH, text)
        if message.nonce == self._nonce:
            raise RemoteProtocolError(ByeCode.BAD_AUTH, "the other side repeats this side's nonce")
        self.peer = peer
        self._peer_nonce = message.nonce
        self.version = min(VERSION, message.version)
        self.frame_bytes_max = min(FRAME_BYTES_MAX, message.frame_bytes_max)
        self.gets_max = min(GETS_IN_FLIGHT_MAX, message.gets_max)
        return self._auth(self._host) if self._host is not None else None

    def on_auth(self, message: Auth) -> Auth | None:
        """Take the peer's AUTH; give the AUTH that a listener answers with.

        Raises:
            RemoteProtocolError: `wrong_host`, `bad_auth` or `not_admitted`.
        """
        if self.peer is None:
            raise RemoteProtocolError(ByeCode.UNEXPECTED, "an AUTH before the HELLO")
        is_right_host = message.host == self._host if self.is_dialler else message.host in self._own.hosts
        if not is_right_host:
            raise RemoteProtocolError(ByeCode.WRONG_HOST, f"the dialler meant {message.host!r}")
        signed = self._signed(LISTENER if self.is_dialler else DIALLER, message.host)
        try:
            keys.verify(self.peer.link_key, LINK_TAG, signed, message.signature)
        except RemoteProtocolError as error:
            raise RemoteProtocolError(ByeCode.BAD_AUTH) from error
        if self.peer.network not in self._own.admitted:
            raise RemoteProtocolError(ByeCode.NOT_ADMITTED)
        return None if self.is_dialler else self._auth(message.host)

    def _auth(self, host: str) -> Auth:
        signed = self._signed(DIALLER if self.is_dialler else LISTENER, host)
        return Auth(host, keys.sign(self._own.link_seed, LINK_TAG, signed))

    def _signed(self, role: str, host: str) -> bytes:
        assert self.peer is not None
        sides = (self._own.identity, self.peer)
        nonces = (self._nonce, self._peer_nonce)
        dialler, listener = sides if self.is_dialler else sides[::-1]
        dialler_nonce, listener_nonce = nonces if self.is_dialler else nonces[::-1]
        return auth_message(
            version=self.version,
            role=role,
            host=host,
            dialler=dialler,
            listener=listener,
            dialler_nonce=dialler_nonce,
            listener_nonce=listener_nonce,
        )
