"""The trade that must work, step by step: who takes part, what they made so far, and what every step needs.

Every check reads from the nodes through their API; what a record says is believed after its signature, its proof and
its network's signed head were verified here. Source: issue "The spine"; docs/operating/demo.md.

Tests: tests/cli/demo/test_once.py
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli import keys
from cli.client import Client
from cli.demo.checks import Checks
from cli.demo.federation import Federation, Member
from cli.proofs import Shown, head_of, prove
from protocol.feeds import FeedKey
from protocol.identifiers import to_text

TRADERS = ("vila", "serra", "regiao")
"""The networks that take part; a bystander's node runs beside them and must learn nothing of their orders."""


@dataclass(slots=True)
class Trade:
    """What the steps share.

    Attributes:
        federation: The nodes.
        members: By a short name.
        things: Ids, as text, of what was published, by a short name.
        checkpoint_keys: The key of each network's heads, as proofs showed it.
    """

    federation: Federation
    members: dict[str, Member] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)
    checkpoint_keys: dict[str, bytes] = field(default_factory=dict)

    def key_file(self, place: str, short: str) -> Path:
        """Give the file of a member's keys."""
        return self.federation.member_keys(place) / f"{short}.key"

    def take_in(self, place: str, short: str) -> Member:
        """Read the keys of somebody whom the command has enrolled."""
        path = self.key_file(place, short)
        signer = keys.load(path, "")
        self.members[short] = Member(place, signer.name, signer, path)
        return self.members[short]

    async def run_as(self, short: str, *words: str) -> dict[str, Any]:
        """Run a command in a member's name, at the member's own node."""
        member = self.members[short]
        url = self.federation.nodes[member.place].url
        return await self.federation.run(*words, "--node", url, "--key", str(member.key_file), "--no-passphrase")

    @asynccontextmanager
    async def session(self, short: str) -> AsyncIterator[Client]:
        """Open a member's session at the member's own node."""
        member = self.members[short]
        async with Client(self.federation.nodes[member.place].url) as client:
            await client.log_in(seed=member.signer.sign_seed, public=member.signer.public, agent=member.agent)
            yield client

    async def everywhere(self, checks: Checks, what: str, path: str, **wanted: Any) -> dict[str, dict[str, Any]]:
        """Check that all three nodes answer a path with the same values.

        Args:
            checks: of the step.
            what: the thing, for the sentence.
            path: below `/api/v1`.
            wanted: fields of the answer and their values.

        Returns:
            The answers by network.
        """
        answers = {}
        for place in TRADERS:
            client = self.federation.client(place)

            async def probe(client: Client = client) -> dict[str, Any] | None:
                view: dict[str, Any] = await client.get(path)
                return view if all(view.get(name) == value for name, value in wanted.items()) else None

            said = ", ".join(f"{name} {value}" for name, value in wanted.items())
            answers[place] = await checks.eventually(f"{place} shows {what}{f' with {said}' if said else ''}", probe)
        return answers

    async def proven_everywhere(self, checks: Checks, what: str, identifier: str, *, home: str) -> None:
        """Check signature, leaf, proof, head and keys of a record at all three nodes, and that they are one log.

        Args:
            checks: of the step.
            what: the thing, for the sentence.
            identifier: the record's id.
            home: whose feed it stands in.
        """
        shown: dict[str, Shown] = {}
        for place in TRADERS:
            client = self.federation.client(place)

            async def probe(client: Client = client) -> Shown:
                return await prove(client, identifier)

            shown[place] = await checks.eventually(f"{place} proves {what}: signature, leaf, head, keys", probe)
        first = shown[home]
        network = self.federation.network(home)
        same = all(
            (one.index, one.proven.feed, one.proven.checkpoint_key)
            == (first.index, first.proven.feed, first.proven.checkpoint_key)
            and one.proven.feed.network == network
            for one in shown.values()
        )
        checks.that(same, f"{what} has one place in one log of {home}, signed by one key")
        self.checkpoint_keys[home] = first.proven.checkpoint_key

    async def same_root(self, checks: Checks, home: str, feed: str) -> int:
        """Check that all three nodes have the same signed head of a feed.

        Returns:
            The feed's size.
        """
        federation, key = self.federation, self.checkpoint_keys[home]
        feed_key = FeedKey(federation.network(home), feed, 0)

        async def probe() -> int | None:
            heads = [await head_of(federation.client(place), feed_key, key) for place in TRADERS]
            return heads[0].size if len({(head.size, head.root) for head in heads}) == 1 else None

        return await checks.eventually(f"all three hold the same size and signed root of {home}'s {feed}", probe)

    def network_text(self, place: str) -> str:
        """Give a network's id as text."""
        return to_text("agent", self.federation.network(place))
