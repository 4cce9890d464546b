"""A ledger on a real SQLite file, for the tests of the node: keys enrolled, accounts opened, stopped, opened again."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from node.clock import FixedClock
from node.services.ledger import Ledger
from node.services.outcomes import Outcome, Recorded, Refused
from node.services.signatures import Signatures
from node.store import agents
from node.store.agents import Span
from node.store.database import Connection, Database
from node.store.feeds import FeedStore
from protocol import keys
from protocol.feeds import LEDGER as LEDGER_FEED
from protocol.feeds import TRUST
from protocol.ledger import credit_unit
from protocol.record import Record
from tests.ledger_builders import LEDGER, account_body, named, seed_of, signed, transfer_body

UNIT = credit_unit(LEDGER)
MEMBERS = ("ana", "bento", "carla")


class LedgerNode:
    """The store and the ledger service of one data folder; use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is opened yet."""
        self.folder = folder
        self.clock = FixedClock(now_ms=1_700_000_000_000)
        self.signatures = Signatures(workers=0)

    async def __aenter__(self) -> Self:
        """Open the folder."""
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop as a node does."""
        await self.close()

    async def open(self) -> None:
        """Open database, feeds and ledger."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.database = await Database.open(f"sqlite+aiosqlite:///{self.folder / 'node.sqlite'}")
        try:
            self.feeds = await FeedStore.open(self.database)
            self.feeds.sign_as(home=LEDGER, epoch=0, seed=named("checkpoint key"))
            self.ledger = await Ledger.open(self.database, self.feeds, self.signatures, self.clock)
        except BaseException:
            await self.database.close()
            raise

    async def close(self) -> None:
        """Close all of it."""
        await self.ledger.close()
        await self.signatures.close()
        await self.database.close()
        self.feeds.close()

    async def enrol(self, *names: str) -> None:
        """Let named agents of this network have their key."""

        async def job(connection: Connection) -> None:
            await self.feeds.ensure(connection, self.feeds.own(TRUST))
            spans = {(LEDGER, named(name)): [Span(keys.public_of(seed_of(name)), 0, None)] for name in names}
            await agents.write_keys(connection, spans)

        await self.database.write(job)

    async def begin(self, *names: str, low: int = -100_00, high: int = 500_00) -> None:
        """Enrol the network and members, and open the members' accounts."""
        await self.enrol("vila", *names)
        opened = await self.ledger.submit(
            [signed("account", "vila", account_body(name, low=low, high=high)) for name in names]
        )
        assert ["opened"] * len(names) == [word(outcome) for outcome in opened]

    async def balance(self, name: str) -> int:
        """Give a member's balance as the service tells it."""
        return (await self.ledger.account(named(name))).balance.amount

    async def size(self) -> int:
        """Give the number of leaves of the ledger feed."""
        async with self.database.read() as connection:
            state = await self.feeds.find(connection, self.feeds.own(LEDGER_FEED))
        return 0 if state is None else state.size


def payment(payer: str, payee: str, amount: int, /, *, nonce: str = "", signer: str | None = None) -> Record:
    """Give a signed transfer in this network's credit."""
    body = transfer_body(payer, payee, amount, unit=UNIT)
    return signed("transfer", signer or payer, body, nonce=nonce)


def word(outcome: Outcome) -> str:
    """Give an answer in one word: `posted`, `opened` or the code of a refusal."""
    if isinstance(outcome, Refused):
        return outcome.refusal.code
    return outcome.void.code if outcome.void is not None else DONE


DONE = "opened"


def posted(outcome: Outcome) -> bool:
    """Tell whether an answer is that of an instruction that did what it asked."""
    return isinstance(outcome, Recorded) and outcome.void is None
