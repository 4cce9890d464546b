"""The catalogue for readers: what pages show and the API serves, as `node.services.views`.

Ids come and go as text (`offer:bqx…`); text that is no id, or the id of something else, finds nothing.
Who may read private things (orders) is decided by whoever asks, see `node.services.reading`.
Source: docs/concepts/catalogue.md.
"""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from node.clock import Clock
from node.config import Config
from node.services import orders
from node.services.agents import agent_views, post_views
from node.services.listings import listing_views, place_view, position_of
from node.services.names import agent_refs, unit_of
from node.services.neighbours import LinkReports, neighbour_views, no_links
from node.services.peers import Peers
from node.services.seals import seal_views
from node.services.views import (
    AgentPage,
    AgentRef,
    AgentView,
    CategoryCount,
    FeedView,
    ListingPage,
    ListingView,
    NeighbourView,
    NetworkView,
    OrderPage,
    OrderView,
    PlaceView,
    PostView,
    SealView,
    ThingView,
)
from node.store import catalogue_reads as reads
from node.store.catalogue_index import category_term, network_term
from node.store.catalogue_profiles import profiles_of
from node.store.catalogue_reads import Thing
from node.store.catalogue_tables import AGENTS, NEEDS, OFFERS, SHELVES
from node.store.database import Connection, Database
from node.store.feed_reading import FeedState
from node.store.search import Group, Position, groups_of, search
from protocol.categories import CATEGORIES
from protocol.errors import Code, RemoteProtocolError
from protocol.identifiers import from_text, to_text
from protocol.ledger import credit_unit
from protocol.limits import PAGE_ROWS_MAX, SEARCH_CHARS_MAX
from protocol.market.ranking import distance_m

PLACES_MAX: Final = 1_000
"""Places among which the nearest are looked for."""

PRIVATE_KINDS: Final = frozenset({"order", "event"})
CATEGORIES_LIFE_MS: Final = 30_000
"""How long the counts by category are kept: they are read on every first page and read much."""


def program_version() -> str:
    """Give the installed program's version; "0" where it runs without being installed."""
    try:
        return version("mutirao")
    except PackageNotFoundError:
        return "0"


class Catalogue:
    """What a node knows, for readers."""

    def __init__(
        self,
        *,
        database: Database,
        home: bytes,
        config: Config,
        clock: Clock,
        peers: Peers,
        links: LinkReports = no_links,
    ) -> None:
        """Read from a database whose catalogue is kept in step.

        Args:
            database: Open.
            home: The network that this node serves, 32 bytes.
            config: Its address and language.
            clock: The time against which offers end and seals expire.
            peers: The neighbours.
            links: How the links stand now.
        """
        self.home = home
        self._database = database
        self._config = config
        self._clock = clock
        self._peers = peers
        self._links = links
        self._categories: tuple[int, list[CategoryCount]] | None = None

    # ------------------------------------------------------------------------------------------------------ listings

    async def listings(
        self,
        kind: str,
        *,
        query: str = "",
        category: str = "",
        network: str = "",
        limit: int = 24,
        cursor: str | None = None,
    ) -> ListingPage:
        """Search offers or needs: local first, then near, then cheap.

        Args:
            kind: `offer` or `need`.
            query: What a person typed; empty for everything.
            category: Only in this category and those below it.
            network: Only of this network, an id as text.
            limit: Rows of the page, at most PAGE_ROWS_MAX.
            cursor: From the page before.

        Raises:
            RemoteProtocolError: `malformed` for a cursor or network that is none.
        """
        filters: list[Group] = [(category_term(category),)] if category else []
        if network:
            filters.append((network_term(from_text(network)[1]),))
        after = _position(cursor)
        limit = max(1, min(limit, PAGE_ROWS_MAX))
        now_ms = self._clock.now_ms()
        async with self._database.read() as connection:
            shelf = SHELVES[kind]
            groups = [*filters, *await groups_of(connection, shelf, query[:SEARCH_CHARS_MAX])]
            found = await search(connection, shelf=shelf, groups=groups, limit=limit, now_ms=now_ms, after=after)
            things = await reads.by_numbers(connection, [number for _, number in found.positions])
            views = await listing_views(connection, things, home=self.home, now_ms=now_ms)
        return ListingPage(listings=views, cursor=_cursor(found.stopped_at), total=found.total)

    async def listing(self, identifier: str) -> ListingView | None:
        """Give an offer or need by its id, with what it answers or what answers it."""
        async with self._database.read() as connection:
            item = await _find(connection, identifier, ("offer", "need"))
            if item is None:
                return None
            now_ms = self._clock.now_ms()
            return (await listing_views(connection, [item], home=self.home, now_ms=now_ms, is_whole=True))[0]

    async def newest(self, limit: int) -> list[ListingView]:
        """Give the newest offers and needs that haven't ended."""
        now_ms = self._clock.now_ms()
        async with self._database.read() as connection:
            things = [
                item
                for kind in ("offer", "need")
                for item in await reads.newest(connection, kind, limit=limit, now_ms=now_ms)
            ]
            things.sort(key=lambda item: -item.number)
            return await listing_views(connection, things[:limit], home=self.home, now_ms=now_ms)

    async def categories(self) -> list[CategoryCount]:
        """Count offers and needs a category, in the list's order; a category without either is left out."""
        now_ms = self._clock.now_ms()
        if self._categories is None or not 0 <= now_ms - self._categories[0] < CATEGORIES_LIFE_MS:
            terms = {category_term(identifier): identifier for identifier in CATEGORIES}
            async with self._database.read() as connection:
                counts = await reads.counts_by_term(connection, list(terms))
            found = [
                CategoryCount(id=identifier, offers=counts.get((OFFERS, term), 0), needs=counts.get((NEEDS, term), 0))
                for term, identifier in terms.items()
            ]
            self._categories = (now_ms, [item for item in found if item.offers or item.needs])
        return self._categories[1]

    # -------------------------------------------------------------------------------------------------------- agents

    async def agents(self, *, query: str = "", limit: int = 24, cursor: str | None = None) -> AgentPage:
        """Search agents by name, town and what they deal in: local first, then near.

        Raises:
            RemoteProtocolError: `malformed` for a cursor that is none.
        """
        after = _position(cursor)
        limit = max(1, min(limit, PAGE_ROWS_MAX))
        now_ms = self._clock.now_ms()
        async with self._database.read() as connection:
            groups = await groups_of(connection, AGENTS, query[:SEARCH_CHARS_MAX])
            found = await search(connection, shelf=AGENTS, groups=groups, limit=limit, now_ms=now_ms, after=after)
            things = await reads.by_numbers(connection, [number for _, number in found.positions])
            views = await agent_views(connection, things, home=self.home, now_ms=now_ms)
        return AgentPage(agents=views, cursor=_cursor(found.stopped_at), total=found.total)

    async def agent(self, identifier: str) -> AgentView | None:
        """Give an agent with all that it published."""
        now_ms = self._clock.now_ms()
        async with self._database.read() as connection:
            item = await _find(connection, identifier, ("agent",))
            if item is None:
                return None
            return (await agent_views(connection, [item], home=self.home, now_ms=now_ms, is_whole=True))[0]

    # ------------------------------------------------------------------------------------- seals, places, posts, things

    async def seals(self) -> list[SealView]:
        """Give the seals, the newest first."""
        async with self._database.read() as connection:
            things = await reads.newest(connection, "seal", limit=PAGE_ROWS_MAX)
            return await seal_views(connection, things, now_ms=self._clock.now_ms())

    async def seal(self, identifier: str) -> SealView | None:
        """Give a seal with its attestations."""
        async with self._database.read() as connection:
            item = await _find(connection, identifier, ("seal",))
            views = await seal_views(connection, [item], now_ms=self._clock.now_ms()) if item is not None else []
        return views[0] if views else None

    async def places(self, limit: int) -> list[PlaceView]:
        """Give places, the nearest first."""
        async with self._database.read() as connection:
            things = await reads.newest(connection, "place", limit=PLACES_MAX)
            here = await position_of(connection, self.home)
            away = {item.id: distance_m(here, item.position) for item in things}
            things.sort(key=lambda item: (item.network != self.home, _far(away[item.id]), item.title))
            shown = things[:limit]
            profiles = await profiles_of(connection, sorted({item.author for item in shown}))
            return [place_view(item, profiles.get(item.author)) for item in shown]

    async def posts(self, limit: int) -> list[PostView]:
        """Give stories and messages, the newest first."""
        async with self._database.read() as connection:
            return await post_views(connection, await reads.newest(connection, "post", limit=limit))

    async def thing(self, identifier: str) -> ThingView | None:
        """Give any public thing by its id, with the id of its current record."""
        async with self._database.read() as connection:
            item = await _find(connection, identifier, ())
            if item is None or item.kind in PRIVATE_KINDS:
                return None
            names = await agent_refs(connection, [item.author])
            return ThingView(
                id=to_text(item.kind, item.id),
                kind=item.kind,
                title=item.title,
                record=to_text(item.kind, item.record.id),
                author=names[item.author],
                network_id=to_text("agent", item.network),
                created_ms=item.record.header.created_ms,
                is_first=item.record.header.thing is None,
            )

    # -------------------------------------------------------------------------------------------------------- orders

    async def orders(self, party: bytes | None, *, limit: int = 24, cursor: str | None = None) -> OrderPage:
        """Give orders, the newest first.

        Args:
            party: Only those of this buyer or seller, 32 bytes; None for all that are here.
            limit: Rows of the page, at most PAGE_ROWS_MAX.
            cursor: From the page before.

        Raises:
            RemoteProtocolError: `malformed` for a cursor that is none.
        """
        before = None if cursor is None else _number(cursor)
        limit = max(1, min(limit, PAGE_ROWS_MAX))
        async with self._database.read() as connection:
            return await orders.order_page(connection, party=party, before=before, limit=limit)

    async def order(self, order: bytes) -> OrderView | None:
        """Give an order by its id, 32 bytes; whether the reader may see it was decided before."""
        async with self._database.read() as connection:
            item = (await reads.by_ids(connection, [order])).get(order)
            if item is None or item.kind != "order":
                return None
            views = await orders.order_views(connection, [item])
        return views[0] if views else None

    # ---------------------------------------------------------------------------------------- the network, neighbours

    async def network(self) -> NetworkView:
        """Give this node's network."""
        async with self._database.read() as connection:
            profile = (await profiles_of(connection, [self.home])).get(self.home) or {}
            name = (await agent_refs(connection, [self.home]))[self.home].name
            return NetworkView(
                id=to_text("agent", self.home),
                name=name,
                about=profile.get("about"),
                url=self._config.url,
                city=profile.get("city"),
                state=profile.get("state"),
                contact=profile.get("contact"),
                colour=profile.get("colour"),
                language=profile.get("language") or self._config.language,
                unit=unit_of(credit_unit(self.home), profile),
                latitude_e6=profile.get("latitude_e6"),
                longitude_e6=profile.get("longitude_e6"),
                members=await reads.count_members(connection, self.home),
                mapped=await reads.count_mapped(connection, self.home),
                offers=await reads.count_of_term(connection, OFFERS, network_term(self.home)),
                needs=await reads.count_of_term(connection, NEEDS, network_term(self.home)),
                version=program_version(),
            )

    async def neighbours(self) -> list[NeighbourView]:
        """Give the neighbour networks and how well they are heard."""
        feeds = await self.feeds()
        async with self._database.read() as connection:
            return await neighbour_views(connection, self._peers.list(), links=self._links(), feeds=feeds)

    async def feeds(self) -> list[FeedView]:
        """Give the public feeds that this node holds."""
        async with self._database.read() as connection:
            states = await reads.feed_states(connection)
            names = await agent_refs(connection, {state.key.network for state in states})
        return [self._feed_view(state, names[state.key.network]) for state in states]

    def _feed_view(self, state: FeedState, network: AgentRef) -> FeedView:
        return FeedView(
            network_id=network.id,
            network_name=network.name,
            name=state.key.name,
            epoch=state.key.epoch,
            size=state.size,
            root=state.frontier.root().hex(),
            is_own=state.key.network == self.home,
            wanted=max(state.size, state.seen_size),
        )


async def _find(connection: Connection, identifier: str, kinds: Sequence[str]) -> Thing | None:
    """Give the thing of an id as text; None for what is no id, isn't here, or is of another kind than the text says."""
    try:
        kind, wanted = from_text(identifier)
    except RemoteProtocolError:
        return None
    item = (await reads.by_ids(connection, [wanted])).get(wanted)
    if item is None or item.kind != kind or (kinds and item.kind not in kinds):
        return None
    return item


def _cursor(position: Position | None) -> str | None:
    return None if position is None else f"{position[0]}-{position[1]}"


def _position(cursor: str | None) -> Position | None:
    if cursor is None:
        return None
    rank, _, number = cursor.partition("-")
    return _number(rank), _number(number)


def _number(text: str) -> int:
    """Read a number of a cursor.

    Raises:
        RemoteProtocolError: `malformed`.
    """
    if not text.isascii() or not text.isdecimal() or len(text) > 19 or int(text) >= 2**63:
        raise RemoteProtocolError(Code.MALFORMED, "the cursor is not one that this node gave; begin without it")
    return int(text)


def _far(distance: int | None) -> int:
    return 2**63 if distance is None else distance
