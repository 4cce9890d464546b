"""People who publish and pay while faults happen, and the book of what nodes have acknowledged.

What a node has answered with a place in a feed must have the same place for ever: `check` sends the same bytes again
and compares the answers. What was refused, or got no answer, is tried again by nobody and may be there or not.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from cli.client import Client, Outcome
from cli.commands.ledger import transfer_record
from cli.demo.checks import Checks
from cli.demo.federation import Federation
from cli.enrolment import Enrolment, enrol, enrolment_records
from cli.errors import CliError, RefusedError, UnreachableError
from cli.keys import Signer, new_signer
from cli.records import Author, member_of
from protocol.identifiers import base32
from protocol.limits import RECORDS_PER_SUBMIT_MAX
from protocol.record import Record

LIMITS = (-1_000_000, 1_000_000)
NAMES = ("Maria", "Rosa")
ABOUT = "Assado de manhã no forno a lenha, entregue na praça. " * 8
OFFERS_PER_REQUEST = 4


@dataclass(slots=True)
class People:
    """Two members of a network, who pay each other and offer bread.

    Attributes:
        place: The network's folder.
        unit: The unit of its credit.
        authors: Both.
        acknowledged: What their node has answered with a place, with that place's index, in the order of answers.
    """

    place: str
    unit: str
    authors: tuple[Author, Author]
    acknowledged: list[tuple[Record, int]] = field(default_factory=list)
    made: int = 0

    @classmethod
    async def of(cls, place: str, client: Client, network: Author) -> People:
        """Enrol the two in a network."""
        signers: list[Signer] = []
        for name in NAMES:
            signer = new_signer(name)
            records = enrolment_records(Enrolment(name=name, limits=LIMITS), network, signer=signer)
            await enrol(client, records)
            signers.append(signer.enrolled(records[0].id, network.home))
        one, other = (member_of(signer) for signer in signers)
        return cls(place, f"agent:{base32(network.home)}", (one, other))

    def offers(self, count: int = OFFERS_PER_REQUEST) -> list[Record]:
        """Make offers."""
        return [self._offer() for _ in range(count)]

    def transfer(self) -> Record:
        """Make a payment, by turns from one to the other."""
        self.made += 1
        payer, payee = self.authors if self.made % 2 else self.authors[::-1]
        assert payee.agent is not None
        return transfer_record(payer, payee.agent, 1 + self.made % 97, self.unit)

    async def send(self, client: Client, records: list[Record]) -> list[Outcome]:
        """Send records and note what was acknowledged.

        Returns:
            All outcomes, refusals among them.
        """
        outcomes = await client.submit(records)
        for record, outcome in zip(records, outcomes, strict=True):
            if outcome.recorded and not outcome.code:
                self.acknowledged.append((record, outcome.answer["recorded"]["index"]))
        return outcomes

    async def trade(self, client: Client, rounds: int) -> None:
        """Publish offers and pay; all of it must be taken.

        Args:
            client: their node.
            rounds: each is four offers and a payment.
        """
        for _ in range(rounds):
            for outcome in await self.send(client, [*self.offers(), self.transfer()]):
                outcome.check()

    @asynccontextmanager
    async def busy(self, url: str, *, tasks: int = 3) -> AsyncIterator[Callable[[], int]]:
        """Trade without a pause for the length of a block, whatever the node answers or doesn't.

        Args:
            url: their node's.
            tasks: how many requests are under way at once.

        Yields:
            A function that gives how many records were acknowledged since the beginning.
        """
        before = len(self.acknowledged)
        ended = asyncio.Event()

        async def work() -> None:
            async with Client(url, total_s=10) as client:
                while not ended.is_set():
                    try:
                        await self.send(client, [*self.offers(1), self.transfer()])
                    except (UnreachableError, RefusedError):
                        await asyncio.sleep(0.02)

        async with asyncio.TaskGroup() as group:
            for _ in range(tasks):
                group.create_task(work())
            try:
                yield lambda: len(self.acknowledged) - before
            finally:
                ended.set()

    async def check(self, checks: Checks, client: Client, *, tolerated: str = "") -> None:
        """Check that everything acknowledged stands where it was said to stand.

        Args:
            checks: of the step.
            client: their node.
            tolerated: the code of a refusal that counts as no answer. A retry shares its commit with new records, and
                is refused with them where those find no room.
        """
        answered = 0
        for start in range(0, len(self.acknowledged), RECORDS_PER_SUBMIT_MAX):
            batch = self.acknowledged[start : start + RECORDS_PER_SUBMIT_MAX]
            try:
                outcomes = await client.submit([record for record, _ in batch])
            except RefusedError as error:
                if error.code != tolerated:
                    raise
                continue
            for (record, index), outcome in zip(batch, outcomes, strict=True):
                if not outcome.recorded and outcome.code == tolerated:
                    continue
                answered += 1
                place = (outcome.answer.get("recorded") or {}).get("index")
                if not outcome.again or place != index:
                    said = f"{record.header.kind} {outcome.record} of {self.place} is still leaf {index}"
                    checks.that(False, f"{said}; the answer is {outcome.answer}")
        checks.checked.append(f"{answered} acknowledged records of {self.place} stand where they stood")

    def _offer(self) -> Record:
        self.made += 1
        body = {
            "title": f"Pão de fornada {self.made}",
            "about": ABOUT,
            "category": "bread",
            "measure": "C62",
            "price": [{"unit": "BRL", "amount": 900 + self.made}],
        }
        return self.authors[self.made % 2].make("offer", body)


async def check_equal_roots(checks: Checks, federation: Federation, *, seconds: float) -> int:
    """Check that all nodes hold the same size and root of every public feed of every network.

    Args:
        checks: of the step.
        federation: the nodes, connected.
        seconds: how long it may take.

    Returns:
        How many leaves these feeds have together.
    """

    async def probe() -> int | None:
        views = [await _roots(federation.client(place)) for place in federation.nodes]
        return sum(size for size, _ in views[0].values()) if all(view == views[0] for view in views) else None

    return await checks.eventually("all nodes hold equal sizes and roots of all public feeds", probe, seconds=seconds)


async def check_sums(checks: Checks, client: Client, place: str) -> None:
    """Check that the balances of a network add up to zero in every unit."""
    sums = (await client.get("/ledger"))["sums"]
    checks.that(bool(sums) and all(one["amount"] == 0 for one in sums), f"the balances of {place} add up to zero")


async def is_refused(client: Client, path: str) -> bool:
    """Whether a node knows nothing of a path."""
    try:
        await client.get(path)
    except CliError as error:
        return error.code == "not_found"
    return False


async def _roots(client: Client) -> dict[tuple[str, str, int], tuple[int, str]]:
    feeds = (await client.get("/feeds"))["feeds"]
    return {
        (feed["network_id"], feed["name"], feed["epoch"]): (feed["size"], feed["root"])
        for feed in feeds
        if feed["size"] > 0 and feed["name"] != "ledger"
    }
