"""Where all parts of a node are built and joined: `node.init` makes a folder, `serve` runs it.

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
import signal
import sys
from pathlib import Path

from aiohttp import web

from node import keystore, log, manifest
from node.api.routes import add_api
from node.clock import Clock
from node.config import FILE_NAME, Config, read_config
from node.init import Founded, init_node
from node.keystore import NodeKeys
from node.links.hub import PATH as LINKS_PATH
from node.links.hub import Links
from node.links.transport import Transport
from node.services import Services
from node.services.books import Books
from node.services.cash import CashBook
from node.services.catalogue import Catalogue
from node.services.dues import Dues
from node.services.feeds import Feeds
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
from protocol.errors import ConfigError, StorageError
from protocol.gossip.identity import identify

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
            return await cls.build(
                config, clock=clock, database=database, feeds=feeds, signatures=signatures, node_keys=node_keys
            )
        except BaseException:
            await signatures.close()
            await database.close()
            raise

    @classmethod
    async def build(
        cls,
        config: Config,
        *,
        clock: Clock,
        database: Database,
        feeds: FeedStore,
        signatures: Signatures,
        node_keys: NodeKeys,
        transport: Transport | None = None,
    ) -> Node:
        """Join the parts of a node; `open` makes them out of a folder, the simulator out of its twins.

        Raises:
            ConfigError: The keys are not those of the network's current epoch.
            StorageError: The database holds no network.
        """
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
            transport=transport,
        )
        peers = await Peers.open(database)
        catalogue = Catalogue(
            database=database, home=own.network, config=config, clock=clock, peers=peers, links=links.status
        )
        publishing = Publishing(database, feeds, clock, signatures)
        names = CatalogueNames(database)
        publishing.ledger = ledger = await Ledger.open(database, feeds, signatures, clock, names)
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
            books=Books(database, feeds, ledger, clock, names),
            cash=CashBook(database, ledger, names, network=own.network),
            dues=Dues(database, feeds, ledger, names),
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
        await self.join()

    async def join(self) -> None:
        """Dial the neighbours, now and whenever their list changes."""
        self._take_peers()
        self.services.peers.on_change.append(self._take_peers)
        await self.links.start()

    async def close(self) -> None:
        """Stop, then write the manifest.

        Raises:
            StorageError: The disk failed; end the process.
        """
        await self.stop()
        manifest.write_manifest(self.services.config.directory)

    async def stop(self) -> None:
        """End links, HTTP, services and database in this order.

        Raises:
            StorageError: The disk failed; end the process.
        """
        await self.links.close()
        if self._runner is not None:
            await self._runner.cleanup()
        await self.services.ledger.close()
        await self._signatures.close()
        await self.services.database.finish()
        await self.services.database.close()
        self._feeds.close()

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
        if failure.done() and (error := failure.exception()):
            _end_after_failure(error)
        logger.info("stopping")
    finally:
        failure.cancel()
        with contextlib.suppress(asyncio.CancelledError, StorageError):
            await failure
        try:
            await node.close()
        except StorageError as error:
            _end_after_failure(error)


def settle_process() -> None:
    """Keep what is loaded by now out of the garbage collector's way, let it look less often, and share the lock fairly.

    A payment took a quarter less of the event loop's time so, and there are no pauses of 100 ms (measured).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    sys.setswitchinterval(SWITCH_S)


def _end_after_failure(error: BaseException) -> None:
    """Leave the process at once: after a failed write nobody knows what the disk holds."""
    logger.critical("the disk failed: %s; check it, then start again", error)
    logging.shutdown()
    os._exit(1)
