"""The standard drill: three real nodes trade through a partition, one-way loss, `kill -9`, a full disk and an old copy.

Every step publishes and pays while its fault stands, ends the fault, and waits until all three hold equal roots. At the
end everything that was ever acknowledged stands where it stood, balances add up to zero, and `mutirao verify data`
finds nothing in the three folders. A step is a method; `FAULTS` gives their order.

Source: issue "The simulator and the fault kit"; docs/contributing/faults.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from cli.client import Client
from cli.demo.checks import Checks
from cli.demo.federation import LINKS, NODE_FILE, PLACES, Federation
from cli.demo.inside import run_inside
from cli.errors import CliError, FailedCheckError
from protocol.identifiers import to_text
from tests.faults.backups import keep, swapped
from tests.faults.disks import LIMIT, SmallDisk
from tests.faults.load import People, check_equal_roots, check_sums, is_refused
from tests.faults.nets import Net

SETTINGS = "reconnect_ms_min = 100\nreconnect_ms_max = 1000\n"
HEAL_S = 60.0
"""How long after the end of a fault roots may take to be equal; TCP itself waits twice as long after each loss."""

END_S = 30.0
ROUNDS = 3
REQUESTS_WHILE_FULL_MAX = 400


@dataclass(slots=True)
class Drill:
    """What the steps share.

    Attributes:
        federation: The nodes.
        net: The network between them.
        hold_s: How long a fault of the network stands.
        disk: The kind of disk that fills; "" for the best that the machine allows.
        people: Who publishes and pays, by network.
    """

    federation: Federation
    net: Net
    hold_s: float
    disk: str = ""
    people: dict[str, People] = field(default_factory=dict)

    @property
    def old(self) -> Path:
        """Where an earlier state of Serra's folder is kept."""
        return self.federation.directory / "old" / "serra"

    async def start(self, checks: Checks) -> None:
        """Three nodes are made and started, each a process, a folder and a host of its own."""
        federation = self.federation
        await federation.init(PLACES)
        for node in federation.nodes.values():
            with (node.directory / NODE_FILE).open("a", encoding="utf-8") as settings:
                settings.write(SETTINGS)
        await federation.start()
        for place, node in federation.nodes.items():
            checks.that(node.is_alive, f"{place} is ready at {node.url}")

    async def link(self, checks: Checks) -> None:
        """All three become neighbours, take members in and begin to trade."""
        federation = self.federation
        await federation.link(LINKS)
        for place in federation.nodes:
            self.people[place] = await People.of(place, federation.client(place), federation.author(place))
        await self._trade()
        leaves = await self._equal(checks)
        checks.that(leaves > 0, f"{leaves} leaves stand in their feeds")

    async def partition(self, checks: Checks) -> None:
        """Serra is cut off from both neighbours; all three go on, and know of each other's records after healing."""
        await self.net.cut("serra", "vila")
        await self.net.cut("serra", "regiao")
        await self._trade()
        newest = {place: self._newest_offer(place) for place in ("vila", "serra")}
        await asyncio.sleep(self.hold_s)
        for here, there in (("serra", "vila"), ("vila", "serra"), ("regiao", "serra")):
            unknown = await is_refused(self.federation.client(here), f"/records/{newest[there]}")
            checks.that(unknown, f"{here} knows nothing of what {there} publishes meanwhile")
        await self._shows(checks, "regiao", newest["vila"])
        await self.net.heal()
        await self._equal(checks)

    async def one_way(self, checks: Checks) -> None:
        """What Vila sends to Serra is lost, and a third of what Serra sends to the region; the rest passes."""
        await self.net.lose("vila", "serra", percent=100)
        await self.net.lose("serra", "regiao", percent=33)
        await self._trade()
        await asyncio.sleep(self.hold_s)
        await self._trade()
        await self._shows(checks, "serra", self._newest_offer("vila"))
        await self.net.heal()
        await self._equal(checks)

    async def kill(self, checks: Checks) -> None:
        """Serra and then the region are killed under load (`kill -9`), start again and lack nothing acknowledged."""
        for place in ("serra", "regiao"):
            node, people = self.federation.nodes[place], self.people[place]
            async with people.busy(node.url) as answered:
                await checks.eventually(f"{place} is busy", _reaches(answered, 20))
                await node.kill()
            checks.that(not node.is_alive, f"{place} is gone (kill -9) after {answered()} answers")
            if place == "serra":
                keep(node.directory, self.old)
            await self._begin(place)
            await people.check(checks, self.federation.client(place))
            await people.trade(self.federation.client(place), ROUNDS)
        await self._equal(checks)

    async def full_disk(self, checks: Checks) -> None:
        """Vila's disk fills: writes are refused with a code, reads go on, and writes do when there is room again."""
        node, people = self.federation.nodes["vila"], self.people["vila"]
        await node.stop()
        disk = SmallDisk(node, self.disk)
        disk.open()
        try:
            await self._begin("vila")
            checks.checked.append(f"the disk that fills: {disk.kind}")
            await people.trade(self.federation.client("vila"), 1)
            await disk.fill()
            if disk.kind == LIMIT:
                await self._ends_when_files_cannot_grow(checks)
            else:
                await self._refuses_while_full(checks)
            await disk.free()
            if not node.is_alive:
                await self._begin("vila")
            await people.trade(self.federation.client("vila"), ROUNDS)
            checks.checked.append("vila takes records and payments again")
            await self._equal(checks)
        finally:
            await node.stop()
            await disk.close()
        await self._begin("vila")

    async def restored_backup(self, checks: Checks) -> None:
        """Serra's folder is an old copy: behind its own checkpoint file it refuses, as a whole it hears what it lacks.

        This is the place of the restored backup. The full invariant (a node that is behind recovers its feeds before
        it signs, and no honest restore leads to a ban: I3 and I6 of the simulator) binds with recovery; until then a
        node whose whole folder is old starts and only warns, so nobody writes to it here.
        """
        node = self.federation.nodes["serra"]
        await self._trade()
        await self._equal(checks)
        await node.stop()
        with swapped(node.directory, self.old, newer_checkpoints=True):
            said = await self._refusal_to_start("serra")
            checks.that("older than what this node has signed" in said, "serra refuses to sign on from an old database")
        with swapped(node.directory, self.old):
            before = node.log.stat().st_size
            await self._begin("serra")

            async def hears() -> bool:
                return b"behind_peer" in node.log.read_bytes()[before:]

            await checks.eventually("serra hears that neighbours hold more of its feeds than it does", hears)
            await node.stop()
        await self._begin("serra")
        await self._equal(checks)

    async def rest(self, checks: Checks) -> None:
        """All three are linked, hold equal roots, and lack nothing that was ever acknowledged."""
        federation = self.federation
        await federation.wait_connected(LINKS)
        await self._trade()
        await self._equal(checks)
        for place, people in self.people.items():
            await people.check(checks, federation.client(place))
            await check_sums(checks, federation.client(place), place)

    async def audit(self, checks: Checks) -> None:
        """Every node stops cleanly, and the audit finds every log, signature and balance right."""
        codes = await self.federation.stop()
        checks.that(all(code == 0 for code in codes.values()), f"all nodes stopped cleanly ({codes})")
        for place, node in self.federation.nodes.items():
            ended = await run_inside("verify", "data", str(node.directory))
            if ended.error is not None:
                found = "; ".join(ended.error.details.get("findings", [])) or ended.error.message
                raise FailedCheckError(f"`mutirao verify data` of {place}: {found}", code="check")
            checks.checked.append(f"`mutirao verify data` finds nothing in {place}'s folder")

    async def _trade(self) -> None:
        async with asyncio.TaskGroup() as group:
            for place, people in self.people.items():
                group.create_task(people.trade(self.federation.client(place), ROUNDS))

    async def _equal(self, checks: Checks) -> int:
        return await check_equal_roots(checks, self.federation, seconds=HEAL_S)

    async def _begin(self, place: str) -> None:
        """Start a node and connect to it anew."""
        await self.federation.start([place])
        await self.federation.connect(place)

    def _newest_offer(self, place: str) -> str:
        record = next(one for one, _ in reversed(self.people[place].acknowledged) if one.header.kind == "offer")
        return to_text("offer", record.id)

    async def _shows(self, checks: Checks, place: str, identifier: str) -> None:
        async def probe() -> bool:
            return not await is_refused(self.federation.client(place), f"/records/{identifier}")

        await checks.eventually(f"{place} gets it from the neighbour that it still hears", probe, seconds=HEAL_S)

    async def _refuses_while_full(self, checks: Checks) -> None:
        """Publish until nothing fits; then look that payments are refused too, and that reads go on."""
        client, people = self.federation.client("vila"), self.people["vila"]
        codes = ""
        for _ in range(REQUESTS_WHILE_FULL_MAX):
            codes = await _code_of(people, client, offers=True)
            if codes:
                break
        checks.that(codes == "disk_full", f"offers are refused on the full disk ({codes})")
        for _ in range(REQUESTS_WHILE_FULL_MAX):
            codes = await _code_of(people, client, offers=False)
            if codes:
                break
        checks.that(codes == "disk_full", f"payments are refused on the full disk ({codes})")
        await self.people["serra"].trade(self.federation.client("serra"), 1)
        checks.that(bool((await client.get("/feeds"))["feeds"]), "reads go on")
        await people.check(checks, client, tolerated="disk_full")
        checks.that(self.federation.nodes["vila"].is_alive, "the node runs on")

    async def _ends_when_files_cannot_grow(self, checks: Checks) -> None:
        """Publish until the node ends, as it must when its disk fails."""
        node, people = self.federation.nodes["vila"], self.people["vila"]

        async def probe() -> bool:
            await _code_of(people, self.federation.client("vila"), offers=True)
            return not node.is_alive

        await checks.eventually("the node ends when its files can't grow", probe, seconds=END_S)

    async def _refusal_to_start(self, place: str) -> str:
        """Start a node that must refuse to, and give what it said.

        Raises:
            FailedCheckError: it started.
        """
        node = self.federation.nodes[place]
        node.start()
        try:
            await node.wait_until_ready()
        except CliError:
            await node.stop()
            return node.tail()
        await node.stop()
        raise FailedCheckError(f"{place} starts although it must refuse to.", code="check")


FAULTS: tuple[tuple[str, Callable[[Drill, Checks], Awaitable[None]]], ...] = (
    ("partition", Drill.partition),
    ("one_way_loss", Drill.one_way),
    ("kill", Drill.kill),
    ("full_disk", Drill.full_disk),
    ("restored_backup", Drill.restored_backup),
)
"""The faults by name, in their order; `start` and `link` stand before them, `rest` and `audit` behind."""


def _reaches(count: Callable[[], int], wanted: int) -> Callable[[], Awaitable[bool]]:
    async def probe() -> bool:
        return count() >= wanted

    return probe


async def _code_of(people: People, client: Client, *, offers: bool) -> str:
    """Send some offers, or a payment, and give the code of the first refusal; "" where all was taken."""
    try:
        outcomes = await people.send(client, people.offers() if offers else [people.transfer()])
    except CliError as error:
        return error.code
    return next((outcome.code for outcome in outcomes if outcome.code), "")
