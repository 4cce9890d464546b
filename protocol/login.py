"""The signed document by which an agent shows a node that it holds a key.

The document is a canonical map: agent, expires_ms, key, network, nonce, origin. Signed are the tag `mutirao/login/1`
and the document's bytes. It is good at one node (network and origin), once (nonce) and for some minutes (expires_ms).
Source: docs/spec/08-http.md section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from protocol import codec, keys
from protocol.errors import Code, CodeEnum, RemoteProtocolError
from protocol.limits import LOGIN_BYTES_MAX, LOGIN_LIFE_MS_MAX, LOGIN_NONCE_BYTES, LOGIN_ORIGIN_CHARS_MAX
from protocol.units import INTEGER_MAX

TAG: Final = "mutirao/login/1"
_IDENTIFIER_BYTES: Final = 32
_FIELDS: Final = frozenset({"agent", "expires_ms", "key", "network", "nonce", "origin"})


class LoginCode(CodeEnum):
    """Why a login is refused, in the order in which the reasons are looked at."""

    LOGIN_OTHER_NETWORK = (
        "login_other_network",
        "The login document was made for another network.",
        "Ask GET /api/v1/session which network this node serves, then sign again.",
    )
    LOGIN_WRONG_ORIGIN = (
        "login_wrong_origin",
        "The login document was made for another address.",
        "Ask GET /api/v1/session for the origin, compare it with the address you use, then sign again.",
    )
    LOGIN_EXPIRED = (
        "login_expired",
        "The login document has expired, or is valid for longer than ten minutes.",
        "Take now_ms from GET /api/v1/session, add at most ten minutes, and sign again.",
    )
    LOGIN_UNKNOWN_KEY = (
        "login_unknown_key",
        "The key is not one of that agent's keys in this network.",
        "Enrol first, or log in at the node of your own network.",
    )
    LOGIN_USED = (
        "login_used",
        "This login document has been used already.",
        "Sign a new one with a new nonce.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a login document says.

    Attributes:
        agent: 32 bytes, who logs in: a member, or the network itself for its operator.
        expires_ms: when the document stops being good.
        key: 32 bytes, Ed25519, the key that signs.
        network: 32 bytes, whose node it is for.
        nonce: 16 random bytes.
        origin: scheme, host and port of the node, such as `https://vila.example`.
    """

    agent: bytes
    expires_ms: int
    key: bytes
    network: bytes
    nonce: bytes
    origin: str


def sign_login(login: Login, *, seed: bytes) -> tuple[bytes, bytes]:
    """Write and sign a login document.

    Args:
        login: what it says; `login.key` is the public key of `seed`.
        seed: 32 bytes.

    Returns:
        The document's bytes and the signature (64 bytes).
    """
    document = codec.encode(
        {
            "agent": login.agent,
            "expires_ms": login.expires_ms,
            "key": login.key,
            "network": login.network,
            "nonce": login.nonce,
            "origin": login.origin,
        }
    )
    return document, keys.sign(seed, TAG, document)


def read_login(document: bytes, signature: bytes) -> Login:
    """Read a login document and verify its signature.

    Args:
        document: canonical bytes, at most LOGIN_BYTES_MAX.
        signature: 64 bytes.

    Returns:
        What it says; whether that is enough is for `check_login` and the node to judge.

    Raises:
        RemoteProtocolError: MALFORMED, NOT_CANONICAL, TOO_LARGE, MISSING_FIELD, WRONG_TYPE, BAD_KEY, BAD_SIGNATURE.
    """
    if len(document) > LOGIN_BYTES_MAX:
        raise RemoteProtocolError(Code.TOO_LARGE, f"a login document has at most {LOGIN_BYTES_MAX} bytes")
    fields = codec.decode(document)
    if not isinstance(fields, dict):
        raise RemoteProtocolError(Code.WRONG_TYPE, "a login document is a map")
    missing = sorted(_FIELDS - fields.keys())
    if missing:
        raise RemoteProtocolError(Code.MISSING_FIELD, f"the login document lacks {', '.join(missing)}")
    login = Login(
        agent=_bytes(fields, "agent", _IDENTIFIER_BYTES),
        expires_ms=_time(fields["expires_ms"]),
        key=_bytes(fields, "key", keys.PUBLIC_BYTES),
        network=_bytes(fields, "network", _IDENTIFIER_BYTES),
        nonce=_bytes(fields, "nonce", LOGIN_NONCE_BYTES),
        origin=_origin(fields["origin"]),
    )
    keys.check_public_key(login.key)
    keys.verify(login.key, TAG, document, signature)
    return login


def check_login(login: Login, *, network: bytes, origins: frozenset[str], now_ms: int) -> None:
    """Check that a login document is meant for this node and this time.

    Args:
        login: a document whose signature was verified.
        network: 32 bytes, the network that this node serves.
        origins: the addresses under which this node is reached.
        now_ms: the node's clock.

    Raises:
        RemoteProtocolError: LOGIN_OTHER_NETWORK, LOGIN_WRONG_ORIGIN, LOGIN_EXPIRED.
    """
    if login.network != network:
        raise RemoteProtocolError(LoginCode.LOGIN_OTHER_NETWORK)
    if login.origin not in origins:
        message = f"the login document is for {login.origin!r}, this node is {', '.join(sorted(origins))}"
        raise RemoteProtocolError(LoginCode.LOGIN_WRONG_ORIGIN, message)
    if not now_ms < login.expires_ms <= now_ms + LOGIN_LIFE_MS_MAX:
        message = f"expires_ms is {login.expires_ms}, accepted is above {now_ms} up to {now_ms + LOGIN_LIFE_MS_MAX}"
        raise RemoteProtocolError(LoginCode.LOGIN_EXPIRED, message)


def _bytes(fields: dict[str, object], name: str, length: int) -> bytes:
    value = fields[name]
    if type(value) is not bytes or len(value) != length:
        raise RemoteProtocolError(Code.WRONG_TYPE, f"{name} of a login document is {length} bytes")
    return value


def _time(value: object) -> int:
    if type(value) is not int or not 0 <= value <= INTEGER_MAX:
        raise RemoteProtocolError(Code.WRONG_TYPE, "expires_ms of a login document is an integer from 0")
    return value


def _origin(value: object) -> str:
    if type(value) is not str or not 1 <= len(value) <= LOGIN_ORIGIN_CHARS_MAX:
        message = f"origin of a login document is text of 1 to {LOGIN_ORIGIN_CHARS_MAX} characters"
        raise RemoteProtocolError(Code.WRONG_TYPE, message)
    return value
