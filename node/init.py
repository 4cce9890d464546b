"""A new network in a folder of its own: keys, first records, settings, the shares of the recovery secret.

What fails half-way leaves nothing behind; whoever finds `node.toml` finds all of it.

Source: DESIGN sections 3 and 11; docs/operating/install.md.

Tests: tests/node/test_app.py
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shamir_mnemonic

from node import keystore, manifest
from node.clock import Clock
from node.config import FILE_NAME, Config, check_config, write_config
from node.keystore import NodeKeys
from node.services.founding import NetworkSeeds, first_records, found_network
from node.store.catalogue import open_catalogue
from node.store.database import Database
from node.store.feeds import FeedStore
from protocol import keys
from protocol.errors import ConfigError, RemoteProtocolError
from protocol.kinds import read_body


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """What `init_node` made.

    Attributes:
        network: The network's id, 32 bytes.
        shares: The recovery secret as word lists, to be printed and given to the officers; kept nowhere.
        threshold: How many of them bring the secret back.
    """

    network: bytes
    shares: tuple[str, ...]
    threshold: int


async def init_node(
    config: Config,
    *,
    profile: Mapping[str, Any],
    passphrase: str = "",
    threshold: int = 2,
    officers: int = 3,
    clock: Clock | None = None,
) -> Founded:
    """Make a new network in a folder of its own.

    Args:
        config: Its settings; `config.directory` is made where it is missing.
        profile: The body of the network's profile without `agent`: at least `name`.
        passphrase: For the key files; empty for files in clear, readable by their owner only.
        threshold: How many shares bring the recovery secret back, from 1 to `officers`.
        officers: How many shares are made, from 1 to 16.
        clock: Time and randomness.

    Returns:
        The network's id and the shares of its recovery secret.

    Raises:
        ConfigError: The folder holds a node already, or a setting can't be used.
        StorageError: The database can't be made.
        ProtocolError: The profile can't be encoded.
    """
    clock = clock or Clock()
    check_config(config)
    if not 1 <= threshold <= officers <= 16 or (threshold == 1 and officers > 1):
        raise ConfigError(
            f"{threshold} of {officers} officers can't share a secret",
            next_step="Let at least 2 of at most 16 bring it back, and no more than there are; or 1 of 1.",
        )
    if (config.directory / FILE_NAME).exists() or (config.directory / keystore.FOLDER).exists():
        raise ConfigError(
            f"{config.directory} holds a node already",
            next_step=f"Start it with: mutirao serve {config.directory}; or give another folder.",
        )
    _check_profile(profile)
    is_new = not config.directory.exists()
    try:
        config.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return await _found(config, profile, passphrase, threshold, officers, clock)
    except OSError as error:
        _forget(config.directory, whole=is_new)
        raise ConfigError(
            f"{config.directory} can't be written: {error.strerror or error}", next_step="Give another folder."
        ) from error
    except BaseException:
        _forget(config.directory, whole=is_new)
        raise


def _check_profile(profile: Mapping[str, Any]) -> None:
    """Hold what is said of a network against the rules for profiles, before anything is made.

    Raises:
        ConfigError: It breaks one.
    """
    try:
        read_body("profile", {**profile, "agent": bytes(32)})
    except RemoteProtocolError as error:
        raise ConfigError(error.message) from error


async def _found(
    config: Config, profile: Mapping[str, Any], passphrase: str, threshold: int, officers: int, clock: Clock
) -> Founded:
    """Make keys, then the network, then the settings: whoever finds `node.toml` finds all of it."""
    secret = clock.random_bytes(32)
    made = keystore.make_keys(str(profile["name"]), clock)
    trust, catalog = first_records(_seeds(made, secret), profile, clock.now_ms(), clock.random_bytes)
    network = trust[0].id
    keystore.write_keys(config.directory, made, network=network, passphrase=passphrase, clock=clock)
    database = await Database.open(config.database_url)
    try:
        await open_catalogue(database)
        feeds = await FeedStore.open(database, config.directory / "checkpoints")
        await found_network(database, feeds, trust=trust, catalog=catalog, checkpoint_seed=made.epoch["checkpoint"])
    finally:
        await database.close()
    feeds.close()
    write_config(config)
    manifest.write_manifest(config.directory)
    # The library draws its own randomness for the shares; the secret itself is ours.
    shares = shamir_mnemonic.generate_mnemonics(1, [(threshold, officers)], secret)[0]
    return Founded(network=network, shares=tuple(shares), threshold=threshold)


def _forget(directory: Path, *, whole: bool) -> None:
    """Take away what a founding that failed has left; of a folder that was there before, only our own files."""
    if whole:
        shutil.rmtree(directory, ignore_errors=True)
        return
    shutil.rmtree(directory / keystore.FOLDER, ignore_errors=True)
    for name in ("node.sqlite", "node.sqlite-wal", "node.sqlite-shm", "checkpoints", "lock", FILE_NAME):
        (directory / name).unlink(missing_ok=True)


def _seeds(made: NodeKeys, secret: bytes) -> NetworkSeeds:
    return NetworkSeeds(
        record=made.record,
        record_sealing=made.sealing,
        recovery_sign=keys.public_of(keystore.recovery_seed(secret, "sign")),
        recovery_seal=keys.sealing_public_of(keystore.recovery_seed(secret, "seal")),
        **made.epoch,
    )
