"""Secret keys as text, under a passphrase.

A key file is one line of JSON that names its form and who it is for, and holds the secrets either encrypted
(Argon2id, AES-256-GCM) or, where the passphrase is empty, in clear for a device that is itself protected.
The name and the public keys can be read without the passphrase.

Source: RFC 9106 (Argon2id, its second recommended parameters); NIST SP 800-38D; spec/02-keys.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from protocol import codec
from protocol.errors import Code, RemoteProtocolError

FORM = "mutirao/key/1"
SALT_BYTES = 16
NONCE_BYTES = 12

ARGON2_ITERATIONS = 3
ARGON2_LANES = 4
ARGON2_MEMORY_KIB = 64 * 1024


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What a key file holds.

    Attributes:
        name: Whose keys, for people.
        about: Public facts as text, such as the agent's id.
        secrets: Name to 32-byte seed, such as `sign` and `seal`.
    """

    name: str
    about: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)


def write_key_file(content: KeyFile, *, passphrase: str, salt: bytes, nonce: bytes) -> str:
    """Give the text of a key file.

    Args:
        content: What to keep.
        passphrase: Empty for a file in clear.
        salt: 16 random bytes.
        nonce: 12 random bytes.

    Returns:
        One line of JSON and a newline.
    """
    inner = codec.encode(dict(content.secrets))
    document: dict[str, object] = {"form": FORM, "name": content.name, "about": dict(content.about)}
    if passphrase:
        locked = AESGCM(_derive(passphrase, salt)).encrypt(nonce, inner, FORM.encode())
        document |= {"salt": _text(salt), "nonce": _text(nonce), "locked": _text(locked)}
    else:
        document["clear"] = _text(inner)
    return json.dumps(document, ensure_ascii=False) + "\n"


def is_locked(text: str) -> bool:
    """Say whether a passphrase is needed to read the key file.

    Raises:
        RemoteProtocolError: `malformed`, where the text is no key file.
    """
    return "locked" in _document(text)


def read_key_file(text: str, *, passphrase: str = "") -> KeyFile:
    """Read a key file.

    Raises:
        RemoteProtocolError: `malformed` for other text, `forbidden` for the wrong passphrase.
    """
    document = _document(text)
    if "locked" in document:
        try:
            inner = AESGCM(_derive(passphrase, _bytes(document, "salt"))).decrypt(
                _bytes(document, "nonce"), _bytes(document, "locked"), FORM.encode()
            )
        except (InvalidTag, ValueError) as error:
            raise RemoteProtocolError(Code.FORBIDDEN, "the passphrase does not open this key file") from error
    else:
        inner = _bytes(document, "clear")
    secrets = codec.decode(inner)
    about = document.get("about", {})
    if (
        not isinstance(secrets, dict)
        or any(type(value) is not bytes or len(value) != 32 for value in secrets.values())
        or not isinstance(about, dict)
        or any(type(value) is not str for value in about.values())
        or type(document.get("name")) is not str
    ):
        raise RemoteProtocolError(Code.MALFORMED, "the key file does not hold keys of 32 bytes")
    return KeyFile(str(document["name"]), about, secrets)


def _document(text: str) -> dict[str, object]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise RemoteProtocolError(Code.MALFORMED, "not a key file") from error
    if not isinstance(document, dict) or document.get("form") != FORM:
        raise RemoteProtocolError(Code.MALFORMED, f"not a key file of the form {FORM}")
    return document


def _derive(passphrase: str, salt: bytes) -> bytes:
    return Argon2id(
        salt=salt, length=32, iterations=ARGON2_ITERATIONS, lanes=ARGON2_LANES, memory_cost=ARGON2_MEMORY_KIB
    ).derive(passphrase.encode())


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(document: dict[str, object], name: str) -> bytes:
    value = document.get(name)
    if type(value) is not str:
        raise RemoteProtocolError(Code.MALFORMED, f"the key file has no {name}")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RemoteProtocolError(Code.MALFORMED, f"the key file's {name} is not base64") from error
