"""What the pages read, made by hand: the views of `tests/node/web/views.py`, or whatever a test puts in their place."""

from node.services.views import (
    AgentPage,
    AgentView,
    CategoryCount,
    FeedView,
    ListingPage,
    ListingView,
    NeighbourView,
    NetworkView,
    PlaceView,
    PostView,
    SealView,
)
from protocol.categories import path
from tests.node.web.views import AGENTS, FAIR, LISTINGS, NEIGHBOURS, NETWORK, PICKUP, POST, SEAL, VILA


class HandReading:
    """Gives the views above to pages, or whatever a test puts in their place."""

    def __init__(self, *, is_empty: bool = False) -> None:
        """Fill the shelves, or leave them bare."""
        self.network_view = NETWORK
        self.all = [] if is_empty else list(LISTINGS)
        self.all_agents = [] if is_empty else list(AGENTS)
        self.all_seals = [] if is_empty else [SEAL]
        self.all_places = [] if is_empty else [FAIR, PICKUP]
        self.all_posts = [] if is_empty else [POST]
        self.all_neighbours = [] if is_empty else list(NEIGHBOURS)

    async def network(self) -> NetworkView:
        """Give the network."""
        return self.network_view

    async def listings(
        self, kind: str, *, query: str = "", category: str = "", limit: int = 24, cursor: str | None = None
    ) -> ListingPage:
        """Give what matches, `limit` at a time; the cursor is where the page starts."""
        found = [
            one
            for one in self.all
            if one.kind == kind
            and query.lower() in one.title.lower()
            and (not category or category in [above.id for above in path(one.category)])
        ]
        start = int(cursor or 0)
        rest = str(start + limit) if len(found) > start + limit else None
        return ListingPage(listings=found[start : start + limit], cursor=rest, total=len(found))

    async def listing(self, identifier: str) -> ListingView | None:
        """Give one by its id."""
        return next((one for one in self.all if one.id == identifier), None)

    async def newest(self, limit: int) -> list[ListingView]:
        """Give the newest first."""
        return sorted(self.all, key=lambda one: -one.created_ms)[:limit]

    async def agents(self, *, query: str = "", limit: int = 24, cursor: str | None = None) -> AgentPage:
        """Give agents whose name matches."""
        return AgentPage(agents=[one for one in self.all_agents if query.lower() in one.ref.name.lower()][:limit])

    async def agent(self, identifier: str) -> AgentView | None:
        """Give one by its id."""
        return next((one for one in self.all_agents if one.ref.id == identifier), None)

    async def seals(self) -> list[SealView]:
        """Give the seals."""
        return self.all_seals

    async def seal(self, identifier: str) -> SealView | None:
        """Give one by its id."""
        return next((one for one in self.all_seals if one.id == identifier), None)

    async def places(self, limit: int) -> list[PlaceView]:
        """Give the places."""
        return self.all_places[:limit]

    async def posts(self, limit: int) -> list[PostView]:
        """Give the posts."""
        return self.all_posts[:limit]

    async def categories(self) -> list[CategoryCount]:
        """Count what stands in each category and below it."""
        above = {one.id: [category.id for category in path(one.category)] or [one.category] for one in self.all}
        return [
            CategoryCount(
                id=category,
                offers=sum(category in above[one.id] and one.kind == "offer" for one in self.all),
                needs=sum(category in above[one.id] and one.kind == "need" for one in self.all),
            )
            for category in dict.fromkeys(category for categories in above.values() for category in categories)
        ]

    async def neighbours(self) -> list[NeighbourView]:
        """Give the neighbours."""
        return self.all_neighbours

    async def feeds(self) -> list[FeedView]:
        """Give the feeds."""
        return [
            FeedView(
                network_id=VILA,
                network_name=NETWORK.name,
                name=name,
                epoch=0,
                size=1234,
                root="mfrggzdf" * 8,
                is_own=True,
            )
            for name in ("trust", "catalog", "trade")
        ]
