"""Enrolling somebody: their agent record, the network's membership, their profile and, where wanted, their account.

The member's own key signs the agent record and the profile; the network's record key signs membership and account.
All of it goes to the node in one submission, since a home admits no stranger. Source: DESIGN §3; spec/03-records.

Tests: tests/cli/commands/test_member.py
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cli.client import Client
from cli.errors import RefusedError
from cli.keys import Signer
from cli.records import Author, first_agent
from protocol.identifiers import to_text
from protocol.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What is said of a new member.

    Attributes:
        name: Their name, for the profile.
        agent_type: person, enterprise, group …
        roles: What they may do in the network.
        profile: Further fields of the profile, such as city and about.
        limits: How far the account may go below and above zero, in minor units; None for no account.
        policy: In place of limits, the row of the assembly's rule by which the account gets them.
    """

    name: str
    agent_type: str = "person"
    roles: tuple[str, ...] = ("member",)
    profile: Mapping[str, Any] = field(default_factory=dict)
    limits: tuple[int, int] | None = None
    policy: str | None = None


def enrolment_records(
    enrolment: Enrolment, network: Author, *, signer: Signer | None = None, agent: Record | None = None
) -> list[Record]:
    """Make the records of an enrolment.

    Args:
        enrolment: what is said.
        network: who signs for the network.
        signer: the member's new keys; None where the member keeps them and handed in a request.
        agent: the member's own `agent` record from a request; made here where there is none.

    Returns:
        The records in the order in which they are sent; the first is the agent's.
    """
    if agent is None:
        assert signer is not None, "either the keys or the request"
        agent = first_agent(signer, enrolment.agent_type, network.home)
    member = agent.id
    records = [
        agent,
        network.make("membership", {"agent": member, "roles": list(enrolment.roles), "state": "active"}),
    ]
    if signer is not None:
        author = Author(signer=signer, agent=member, home=network.home)
        records.append(author.make("profile", {"agent": member, "name": enrolment.name, **enrolment.profile}))
    if enrolment.policy is not None:
        body = {"account": member, "action": "open", "policy": enrolment.policy, "reason": "enrolment"}
        records.append(network.make("account", body))
    elif enrolment.limits is not None:
        records.append(account_record(network, member, "open", enrolment.limits, "enrolment"))
    return records


def account_record(network: Author, agent: bytes, action: str, limits: tuple[int, int], reason: str) -> Record:
    """Make the record that opens an account or changes its limits.

    Args:
        network: who signs for the network.
        agent: whose account, 32 bytes.
        action: open or limit.
        limits: how far below and above zero, in minor units.
        reason: why, for the books.
    """
    low, high = limits
    return network.make(
        "account", {"account": agent, "action": action, "limit_low": low, "limit_high": high, "reason": reason}
    )


async def check_is_new(client: Client, agent: Record) -> None:
    """Look whether somebody's request was taken before, so that no role is given twice by mistake.

    Raises:
        RefusedError: they are a member already.
    """
    identifier = to_text("agent", agent.id)
    try:
        await client.get(f"/agents/{identifier}")
    except RefusedError as error:
        if error.code != "not_found":
            raise
    else:
        raise RefusedError(
            f"Who hands in this request is enrolled already: {identifier}.",
            code="conflict",
            next_step="Nothing was changed. Limits are changed with `mutirao ledger account`.",
        )


async def enrol(client: Client, records: list[Record]) -> None:
    """Send the records of an enrolment.

    Raises:
        RefusedError: the node refused one of them; its details say whether the agent is a member all the same.
    """
    outcomes = await client.submit(records)
    for outcome in outcomes:
        if outcome.code and not outcome.again:
            raise RefusedError(
                outcome.message,
                code=outcome.code,
                next_step=outcome.next_step,
                details={"enrolled": not any(one.code for one in outcomes[:2])},
            )
