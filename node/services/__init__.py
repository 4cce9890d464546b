"""What the node can do, each service one subject; no HTTP here.

`Services` is what the API, the pages and the links are given; `node.app` fills it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from node.clock import Clock
    from node.config import Config
    from node.services.books import Books
    from node.services.cash import CashBook
    from node.services.catalogue import Catalogue
    from node.services.dues import Dues
    from node.services.feeds import Feeds
    from node.services.ledger import Ledger
    from node.services.peers import Peers
    from node.services.publishing import Publishing
    from node.services.reading import Reading
    from node.services.replication import Replication
    from node.services.sessions import Sessions
    from node.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """All services of one node.

    Attributes:
        home: The network that the node serves, 32 bytes.
    """

    home: bytes
    config: Config
    clock: Clock
    database: Database
    feeds: Feeds
    publishing: Publishing
    reading: Reading
    replication: Replication
    ledger: Ledger
    books: Books
    cash: CashBook
    dues: Dues
    catalogue: Catalogue
    sessions: Sessions
    peers: Peers
