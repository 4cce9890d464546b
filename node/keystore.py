"""The network's secret keys on its node: `keys/network.key` and `keys/node.key`.

`network.key` signs the network's records, in the form of any member's key file, so that the operator's commands take
it. `node.key` holds the keys of the epoch: checkpoint, cosignature, credential, link. Both are readable by their owner
only, and under the passphrase of `MUTIRAO_PASSPHRASE` where one is given. The recovery secret is in neither: it exists
as printed shares only.

Source: spec/02-keys; docs/operating/install.md; RFC 5869 for the recovery keys.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from node.clock import Clock
from protocol import keyfile
from protocol.errors import ConfigError, RemoteProtocolError
from protocol.identifiers import to_text

FOLDER = "keys"
NETWORK_FILE = "network.key"
NODE_FILE = "node.key"
EPOCH_SECRETS = ("checkpoint", "cosignature", "credential", "link")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeKeys:
    """The secret keys that a node works with, 32-byte seeds.

    Attributes:
        name: The network's name.
        record: Signs the network's records.
        sealing: Opens what is sealed for the network.
        epoch: checkpoint, cosignature, credential and link.
    """

    name: str
    record: bytes = field(repr=False)
    sealing: bytes = field(repr=False)
    epoch: dict[str, bytes] = field(repr=False)


def make_keys(name: str, clock: Clock) -> NodeKeys:
    """Make the keys of a new network."""
    return NodeKeys(
        name=name,
        record=clock.random_bytes(32),
        sealing=clock.random_bytes(32),
        epoch={secret: clock.random_bytes(32) for secret in EPOCH_SECRETS},
    )


def recovery_seed(secret: bytes, purpose: str) -> bytes:
    """Derive the recovery key of a purpose (`sign` or `seal`) from the printed secret, 32 bytes each."""
    info = f"mutirao/recovery/{purpose}/1".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)


def write_keys(directory: Path, keys: NodeKeys, *, network: bytes, passphrase: str, clock: Clock) -> None:
    """Write both key files of a new network; they are never overwritten.

    Raises:
        ConfigError: A key file exists or can't be written.
    """
    folder = directory / FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        about = {"agent": to_text("agent", network), "network": to_text("agent", network)}
        _write(folder / NETWORK_FILE, keys.name, about, {"sign": keys.record, "seal": keys.sealing}, passphrase, clock)
        _write(folder / NODE_FILE, keys.name, about, keys.epoch, passphrase, clock)
    except OSError as error:
        raise ConfigError(f"the keys can't be written: {error}") from error


def read_keys(directory: Path, passphrase: str) -> NodeKeys:
    """Read both key files.

    Raises:
        ConfigError: One is missing or broken, or the passphrase does not open it.
    """
    network = _read(directory / FOLDER / NETWORK_FILE, passphrase, ("sign", "seal"))
    node = _read(directory / FOLDER / NODE_FILE, passphrase, EPOCH_SECRETS)
    return NodeKeys(
        name=network.name,
        record=network.secrets["sign"],
        sealing=network.secrets["seal"],
        epoch=dict(node.secrets),
    )


def _write(
    path: Path, name: str, about: dict[str, str], secrets: dict[str, bytes], passphrase: str, clock: Clock
) -> None:
    text = keyfile.write_key_file(
        keyfile.KeyFile(name, about, secrets),
        passphrase=passphrase,
        salt=clock.random_bytes(keyfile.SALT_BYTES),
        nonce=clock.random_bytes(keyfile.NONCE_BYTES),
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path, passphrase: str, wanted: tuple[str, ...]) -> keyfile.KeyFile:
    try:
        content = keyfile.read_key_file(path.read_text(encoding="utf-8"), passphrase=passphrase)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} can't be read: {error}; put it back from a copy of the folder") from error
    except RemoteProtocolError as error:
        hint = "set MUTIRAO_PASSPHRASE" if error.code == "forbidden" else "put it back from a copy of the folder"
        raise ConfigError(f"{path}: {error}; {hint}") from error
    missing = [name for name in wanted if name not in content.secrets]
    if missing:
        raise ConfigError(f"{path} holds no key {missing[0]!r}; put it back from a copy of the folder")
    return content
