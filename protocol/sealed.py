"""Sealed parts: bytes that only named sealing keys can read.

    [1, nonce, ciphertext, [[recipient key, ephemeral key, wrapped content key], …]]

The content key encrypts once (AES-256-GCM). For each recipient it is wrapped under
HKDF-SHA256(X25519(ephemeral, recipient), info = tag ‖ ephemeral key ‖ recipient key), again with AES-256-GCM and a
zero nonce, since that key is used once. All randomness is an argument.

Source: RFC 7748 6.1; RFC 5869; NIST SP 800-38D; spec/02-keys.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from protocol import codec, keys
from protocol.errors import Code, LocalProtocolError, RemoteProtocolError
from protocol.limits import RECIPIENTS_MAX

TAG = b"mutirao/sealed/1\n"
NONCE_BYTES = 12

_ZERO_NONCE = bytes(NONCE_BYTES)


def seal_for(
    recipients: Sequence[bytes], plaintext: bytes, *, ephemeral_seed: bytes, content_key: bytes, nonce: bytes
) -> bytes:
    """Seal `plaintext` so that each recipient can read it.

    Args:
        recipients: 1 to 16 X25519 public keys of 32 bytes.
        plaintext: Any bytes.
        ephemeral_seed: 32 random bytes, used once.
        content_key: 32 random bytes, used once.
        nonce: 12 random bytes.

    Returns:
        The sealed bytes.

    Raises:
        LocalProtocolError: No recipient, or more than 16.
        RemoteProtocolError: `bad_key` for a recipient's key that is not safe.
    """
    if not 1 <= len(recipients) <= RECIPIENTS_MAX:
        raise LocalProtocolError(Code.TOO_MANY, f"a sealed part has 1 to {RECIPIENTS_MAX} readers")
    ephemeral = keys.sealing_public_of(ephemeral_seed)
    wrapped = []
    for recipient in recipients:
        keys.check_sealing_key(recipient)
        key = _wrapping_key(ephemeral_seed, recipient, ephemeral, recipient)
        wrapped.append([recipient, ephemeral, AESGCM(key).encrypt(_ZERO_NONCE, content_key, TAG)])
    return codec.encode([1, nonce, AESGCM(content_key).encrypt(nonce, plaintext, TAG), wrapped])


def open_sealed(seed: bytes, data: bytes) -> bytes:
    """Read a sealed part with one's own sealing key.

    Args:
        seed: 32 bytes, the X25519 private key.
        data: What `seal_for` gave.

    Returns:
        The plaintext.

    Raises:
        RemoteProtocolError: `malformed` or `wrong_type` for other bytes, `forbidden` where it is not sealed for this
            key, `bad_signature` where it was altered.
    """
    fields = codec.decode_flat(data)
    if len(fields) != 4 or fields[0] != 1 or type(fields[3]) is not list or not 1 <= len(fields[3]) <= RECIPIENTS_MAX:
        raise RemoteProtocolError(Code.MALFORMED, "not a sealed part of version 1")
    _, nonce, ciphertext, wrapped = fields
    public = keys.sealing_public_of(seed)
    for entry in wrapped:
        if type(entry) is not list or len(entry) != 3 or any(type(item) is not bytes for item in entry):
            raise RemoteProtocolError(Code.WRONG_TYPE, "a reader's entry is three byte strings")
    if type(nonce) is not bytes or len(nonce) != NONCE_BYTES or type(ciphertext) is not bytes:
        raise RemoteProtocolError(Code.WRONG_TYPE, "a sealed part has a nonce of 12 bytes and a ciphertext")
    for recipient, ephemeral, locked in wrapped:
        if recipient == public:
            keys.check_sealing_key(ephemeral)
            try:
                key = _wrapping_key(seed, ephemeral, ephemeral, recipient)
                content_key = AESGCM(key).decrypt(_ZERO_NONCE, locked, TAG)
                return AESGCM(content_key).decrypt(nonce, ciphertext, TAG)
            except (InvalidTag, ValueError) as error:
                raise RemoteProtocolError(Code.BAD_SIGNATURE, "the sealed part was altered") from error
    raise RemoteProtocolError(Code.FORBIDDEN, "it is not sealed for this key")


def _wrapping_key(seed: bytes, other: bytes, ephemeral: bytes, recipient: bytes) -> bytes:
    shared = X25519PrivateKey.from_private_bytes(seed).exchange(X25519PublicKey.from_public_bytes(other))
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=TAG + ephemeral + recipient).derive(shared)
