"""Key files of people and networks: made, read and written here, and nowhere sent.

A key file holds two seeds, `sign` and `seal`, and in clear whose they are: the agent's id and its network's id, once
enrolled. It is written once, readable by its owner only, and never overwritten. Source: DESIGN §3; spec/02-keys.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from cli.errors import CliError, FailedCheckError, UsageProblemError
from protocol import keyfile, keys
from protocol.errors import RemoteProtocolError
from protocol.identifiers import did_key, from_text, to_text

FILE_BYTES_MAX = 64 * 1024
MODE = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Somebody who can sign.

    Attributes:
        name: Whose keys, for people.
        sign_seed: 32 bytes, the Ed25519 private key.
        seal_seed: 32 bytes, the X25519 private key; None where the file has none.
        agent: The agent's id (32 bytes), None before enrolment.
        network: The id of the agent's network (32 bytes), None before enrolment.
    """

    name: str
    sign_seed: bytes
    seal_seed: bytes | None = None
    agent: bytes | None = None
    network: bytes | None = None

    def __repr__(self) -> str:
        return f"Signer(name={self.name!r}, key={did_key(self.public)})"

    @property
    def public(self) -> bytes:
        """The Ed25519 public key, 32 bytes."""
        return keys.public_of(self.sign_seed)

    @property
    def sealing_public(self) -> bytes:
        """The X25519 public key, 32 bytes.

        Raises:
            UsageProblemError: the file has no sealing key.
        """
        if self.seal_seed is None:
            raise UsageProblemError("This key file has no sealing key.", next_step="Use a key of `mutirao key new`.")
        return keys.sealing_public_of(self.seal_seed)

    def agent_id(self) -> bytes:
        """Give the agent's id.

        Raises:
            UsageProblemError: the key belongs to no agent yet.
        """
        if self.agent is None:
            raise UsageProblemError(
                f"The key of {self.name} belongs to no agent yet.",
                next_step="Enrol with `mutirao member add`, or name the agent with --as.",
            )
        return self.agent

    def enrolled(self, agent: bytes, network: bytes) -> Signer:
        """Give the same keys, known as this agent of this network."""
        return replace(self, agent=agent, network=network)


def new_signer(name: str) -> Signer:
    """Make new keys from the operating system's randomness."""
    return Signer(name=name, sign_seed=secrets.token_bytes(32), seal_seed=secrets.token_bytes(32))


def is_locked(path: Path) -> bool:
    """Say whether a key file needs a passphrase.

    Raises:
        UsageProblemError: it isn't a key file.
    """
    try:
        return keyfile.is_locked(_read(path))
    except RemoteProtocolError as error:
        raise _not_a_key_file(path) from error


def load(path: Path, passphrase: str) -> Signer:
    """Read a key file.

    Args:
        path: the file.
        passphrase: ignored where the file has none.

    Raises:
        UsageProblemError: there is no such file, or it isn't a key file.
        FailedCheckError: the passphrase doesn't open it.
    """
    text = _read(path)
    try:
        content = keyfile.read_key_file(text, passphrase=passphrase)
    except RemoteProtocolError as error:
        if error.code == "forbidden":
            raise FailedCheckError(
                f"The passphrase doesn't open {path}.", code="passphrase", next_step="Type it again."
            ) from error
        raise _not_a_key_file(path) from error
    if "sign" not in content.secrets:
        raise UsageProblemError(
            f"{path} holds no key that signs records.",
            next_step="Use a member's key file, or the network's keys/network.key.",
        )
    return Signer(
        name=content.name,
        sign_seed=content.secrets["sign"],
        seal_seed=content.secrets.get("seal"),
        agent=_identifier(content.about.get("agent")),
        network=_identifier(content.about.get("network")),
    )


def save(path: Path, signer: Signer, passphrase: str, *, replacing: bool = False) -> None:
    """Write a key file that only its owner can read.

    Args:
        path: where; its folder is made.
        signer: what to keep.
        passphrase: empty for a file in clear.
        replacing: the file is there and may be replaced by what it already holds plus the agent's id.

    Raises:
        UsageProblemError: the file is there already, or can't be written.
    """
    about = {}
    if signer.agent is not None:
        about["agent"] = to_text("agent", signer.agent)
    if signer.network is not None:
        about["network"] = to_text("agent", signer.network)
    secrets_kept = {"sign": signer.sign_seed}
    if signer.seal_seed is not None:
        secrets_kept["seal"] = signer.seal_seed
    text = keyfile.write_key_file(
        keyfile.KeyFile(signer.name, about, secrets_kept),
        passphrase=passphrase,
        salt=secrets.token_bytes(keyfile.SALT_BYTES),
        nonce=secrets.token_bytes(keyfile.NONCE_BYTES),
    )
    write_private(path, text, replacing=replacing)


def write_private(path: Path, text: str, *, replacing: bool = False) -> None:
    """Write a file of mode 0600 durably; in one step where it replaces another.

    Raises:
        UsageProblemError: the file is there already, or can't be written.
    """
    target = path.with_name(path.name + ".new") if replacing else path
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if replacing else os.O_EXCL)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(target, flags, MODE), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replacing:
            target.replace(path)
    except FileExistsError as error:
        raise UsageProblemError(
            f"{path} is there already, and is never overwritten.",
            next_step="Choose another name, or move the file away first.",
        ) from error
    except OSError as error:
        raise UsageProblemError(
            f"{path} can't be written: {error.strerror}.", next_step="Choose another folder, or change its rights."
        ) from error


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise UsageProblemError(
            f"The key file {path} can't be read: {error.strerror}.",
            next_step="Check the name; a new key is made by `mutirao key new FILE`.",
        ) from error
    try:
        if len(data) > FILE_BYTES_MAX:
            raise ValueError("too large")
        return data.decode("utf-8")
    except ValueError as error:
        raise _not_a_key_file(path) from error


def _identifier(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        return from_text(text)[1]
    except RemoteProtocolError as error:
        raise FailedCheckError(
            f"The key file names an agent that can't be read: {error.message}",
            next_step="Restore the file from a copy.",
        ) from error


def _not_a_key_file(path: Path) -> CliError:
    return UsageProblemError(f"{path} is not a key file.", next_step="Give a file made by `mutirao key new`.")
