"""Where all parts of a node are built and joined: `init_node` makes a folder, `serve` runs it.

The way of a start: settings, log, lock and database, manifest compared and taken away, keys, services, HTTP, links.
The way of a stop: links, HTTP, services, database, manifest. A failed disk ends the process, never a retry.

Source: DESIGN sections 11 and 13; docs/operating/install.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shamir_mnemonic
from aiohttp import web

from node import keystore, log, manifest
from node.api.routes import add_api
from node.clock import Clock
from node.config import FILE_NAME, Config, check_config, read_config, write_config
from node.keystore import NodeKeys
from node.links.hub import PATH as LINKS_PATH
from node.links.hub import Links
from node.services import Services
from node.services.catalogue import Catalogue
from node.services.feeds import Feeds
from node.services.founding import NetworkSeeds, first_records, found_network
from node.services.ledger import Ledger
from node.services.names import CatalogueNames
from node.services.peers import Peers
from node.services.publishing import Publishing
from node.services.reading import Reading
from node.services.replication import Replication
from node.services.sessions import Sessions
from node.services.signatures import Signatures
from node.store.catalogue import open_catalogue
from node.store.database import Database
from node.store.feeds import FeedStore
from node.web.routes import add_pages
from protocol import keys
from protocol.errors import ConfigError, RemoteProtocolError, StorageError
from protocol.gossip.identity import identify
from protocol.kinds import read_body

__all__ = ["Config", "Founded", "Node", "init_node", "serve"]

logger = logging.getLogger(__name__)

PASSPHRASE_VARIABLE = "MUTIRAO_PASSPHRASE"
STOP_S = 5.0
"""How long open requests may take to end at a stop."""
SWITCH_S = 0.0005
"""How long the event loop may keep the interpreter lock from the database's thread; ingest is a third faster than with
Python's 5 ms, since each of its statements waits once (measured on 2 cores)."""

COLLECT_AFTER = (20_000, 20, 100)
"""New objects, and rounds of the younger generation, after which Python's collector looks for garbage."""


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


def serve(directory: Path) -> None:
    """Run the node of a folder until it is told to stop (SIGINT or SIGTERM).

    Raises:
        ConfigError: A setting or a key can't be used, or the port is taken.
        StorageError: The folder is in use, damaged, or its disk failed.
    """
    config = read_config(directory)
    log.start_log(directory, level=config.log_level, form=config.log_format)
    try:
        asyncio.run(_serve(config))
    finally:
        log.stop_log()


class Node:
    """One running node; made by `open`, started by `start`, ended by `close`.

    Attributes:
        services: All services.
        links: The links to neighbours.
        keys: The network's secret keys.
    """

    def __init__(
        self, services: Services, links: Links, node_keys: NodeKeys, feeds: FeedStore, signatures: Signatures
    ) -> None:
        """Use `open` instead."""
        self.services = services
        self.links = links
        self.keys = node_keys
        self._feeds = feeds
        self._signatures = signatures
        self._runner: web.AppRunner | None = None

    @classmethod
    async def open(cls, config: Config, *, passphrase: str = "", clock: Clock | None = None) -> Node:
        """Open a folder and build everything; nothing listens yet.

        Raises:
            ConfigError: The keys can't be read.
            StorageError: The folder is in use or damaged.
        """
        clock = clock or Clock()
        node_keys = keystore.read_keys(config.directory, passphrase)
        changed = manifest.check_manifest(config.directory)
        if changed:
            listed = "; ".join(f"{name}: {what}" for name, what in changed)
            raise StorageError(
                f"the folder is not as the node left it: {listed}. See `mutirao verify data {config.directory}`; "
                f"put the files back from a copy, or delete {config.directory / manifest.FILE_NAME} if this was meant"
            )
        database = await Database.open(config.database_url)
        signatures = Signatures()
        try:
            manifest.remove_manifest(config.directory)
            await open_catalogue(database)
            feeds = await FeedStore.open(database, config.directory / "checkpoints")
            return await cls._build(config, clock, database, feeds, signatures, node_keys)
        except BaseException:
            await signatures.close()
            await database.close()
            raise

    @classmethod
    async def _build(
        cls,
        config: Config,
        clock: Clock,
        database: Database,
        feeds: FeedStore,
        signatures: Signatures,
        node_keys: NodeKeys,
    ) -> Node:
        if feeds.home is None:
            raise StorageError("the database holds no network; make one with `mutirao init`")
        replication = Replication(database, feeds, signatures)
        own = await replication.identity()
        identity = identify(own.agent_record, own.epoch_record)
        if keys.public_of(node_keys.epoch["checkpoint"]) != identity.checkpoint_key:
            raise ConfigError("keys/node.key is not the one of this network's current epoch")
        feeds.sign_as(home=own.network, epoch=own.epoch, seed=node_keys.epoch["checkpoint"])
        links = Links(
            replica=replication,
            clock=clock,
            identity=identity,
            link_seed=node_keys.epoch["link"],
            url=config.url,
            wait_ms_min=config.reconnect_ms_min,
            wait_ms_max=config.reconnect_ms_max,
            follow_all=config.follow_all,
        )
        peers = await Peers.open(database)
        catalogue = Catalogue(
            database=database, home=own.network, config=config, clock=clock, peers=peers, links=links.status
        )
        publishing = Publishing(database, feeds, clock, signatures)
        publishing.ledger = ledger = await Ledger.open(database, feeds, signatures, clock, CatalogueNames(database))
        publishing.on_change.append(replication.tell)
        services = Services(
            home=own.network,
            config=config,
            clock=clock,
            database=database,
            feeds=Feeds(database, feeds),
            publishing=publishing,
            reading=Reading(database, feeds),
            replication=replication,
            ledger=ledger,
            catalogue=catalogue,
            sessions=Sessions(database=database, clock=clock, network=own.network, origins=frozenset({config.url})),
            peers=peers,
        )
        return cls(services, links, node_keys, feeds, signatures)

    def application(self) -> web.Application:
        """Build the HTTP application: API, pages, and the address that links are accepted at."""
        application = web.Application(client_max_size=4 * 1024 * 1024)
        add_api(application, self.services)
        add_pages(application, self.services.catalogue, self.services.clock)
        application.router.add_get(LINKS_PATH, self.links.accept)
        return application

    async def start(self) -> None:
        """Listen, then dial the neighbours.

        Raises:
            ConfigError: The port is taken or the address can't be listened on.
        """
        config = self.services.config
        self._runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=STOP_S)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, config.host, config.port).start()
        except OSError as error:
            raise ConfigError(
                f"can't listen on {config.host} port {config.port}: {error.strerror or error}",
                next_step=f"Stop the other program, or set another `port` in {config.directory / FILE_NAME}.",
            ) from error
        self._take_peers()
        self.services.peers.on_change.append(self._take_peers)
        await self.links.start()

    async def close(self) -> None:
        """End links, HTTP, services and database in this order, then write the manifest."""
        await self.links.close()
        if self._runner is not None:
            await self._runner.cleanup()
        await self.services.ledger.close()
        await self._signatures.close()
        await self.services.database.close()
        self._feeds.close()
        manifest.write_manifest(self.services.config.directory)

    def _take_peers(self) -> None:
        self.links.set_peers(self.services.peers.list())


async def _serve(config: Config) -> None:
    node = await Node.open(config, passphrase=os.environ.get(PASSPHRASE_VARIABLE, ""))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    failure = asyncio.ensure_future(node.services.database.watch())
    try:
        await node.start()
        settle_process()
        logger.info("%s serves %s; stop it with Ctrl-C", node.keys.name, config.url)
        stopped = asyncio.ensure_future(stop.wait())
        await asyncio.wait({stopped, failure}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if failure.done():
            _end_after_failure(failure)
        logger.info("stopping")
    finally:
        failure.cancel()
        with contextlib.suppress(asyncio.CancelledError, StorageError):
            await failure
        await node.close()


def settle_process() -> None:
    """Keep what is loaded by now out of the garbage collector's way, let it look less often, and share the lock fairly.

    A payment took a quarter less of the event loop's time so, and there are no pauses of 100 ms (measured).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    sys.setswitchinterval(SWITCH_S)


def _end_after_failure(failure: asyncio.Future[None]) -> None:
    """Leave the process at once: after a failed write nobody knows what the disk holds."""
    logger.critical("the disk failed: %s; check it, then start again", failure.exception())
    logging.shutdown()
    os._exit(1)


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
