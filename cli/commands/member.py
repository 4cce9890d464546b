"""`mutirao member`: enrol people and enterprises, and look them up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cli import keys
from cli.amounts import category_of
from cli.commands.key import AGENT_TYPES
from cli.commands.member_leave import leave
from cli.commands.member_roles import ROLES, roles
from cli.commands.options import DEGREES, IdentifierType, without_nothing
from cli.connection import as_network, connected, desk, load_signer
from cli.errors import RefusedError, UsageProblemError
from cli.settings import Group, Settings, asynchronous
from cli.values import ValueProblemError, scaled
from protocol.identifiers import did_key, to_text

REQUEST_NOTE = "They publish their name with their own keys: mutirao member profile NAME --key FILE"


@click.group(cls=Group)
def member() -> None:
    """Enrol members and look them up."""


member.add_command(roles)
member.add_command(leave)


@member.command("add")
@click.argument("name")
@click.option(
    "--key-out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Make the member's keys and write them here; hand the file over.",
)
@click.option(
    "--request",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A request of `mutirao key agent`, for members who keep their own keys.",
)
@click.option("--type", "agent_type", type=click.Choice(AGENT_TYPES), default="person", show_default=True)
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="May be repeated; member if not given.")
@click.option("--city")
@click.option("--state")
@click.option("--about")
@click.option("--contact")
@click.option("--category", "categories", multiple=True, help="What they deal in; may be repeated.")
@click.option("--latitude", type=DEGREES)
@click.option("--longitude", type=DEGREES)
@click.option("--limit-low", help="Open an account that may go this far below zero, such as -300.")
@click.option("--limit-high", help="How far the account may go above zero.")
@click.option("--policy", help="Open an account by this row of the assembly's rule about limits, such as person.")
@asynchronous
async def add(  # noqa: PLR0913 - one argument an option
    settings: Settings,
    *,
    name: str,
    key_out: Path | None,
    request: Path | None,
    agent_type: str,
    roles: tuple[str, ...],
    city: str | None,
    state: str | None,
    about: str | None,
    contact: str | None,
    categories: tuple[str, ...],
    latitude: int | None,
    longitude: int | None,
    limit_low: str | None,
    limit_high: str | None,
    policy: str | None,
) -> None:
    """Enrol NAME in the network whose record key is given with --key.

    The member's key stays in the file of --key-out, or with the member; the node never gets it.
    Who comes with a --request publishes name and town with `mutirao member profile`, since only their keys can.
    """
    from cli.enrolment import Enrolment, check_is_new, enrol, enrolment_records
    from cli.requests import read_request

    told = any((city, state, about, contact, categories, latitude, longitude))
    _check_whose_keys(key_out, request, has_profile=told)
    signer = load_signer(settings)
    new = keys.new_signer(name) if key_out is not None else None
    agent = read_request(request)[1] if request is not None else None
    profile = {
        "city": city,
        "state": state,
        "about": about,
        "contact": contact,
        "latitude_e6": latitude,
        "longitude_e6": longitude,
        "categories": [_category(one) for one in categories],
    }
    async with connected(settings) as client:
        view = await client.network()
        network = as_network(signer, await client.network_id())
        enrolment = Enrolment(
            name=name,
            agent_type=agent_type,
            roles=roles or ("member",),
            profile=without_nothing(profile),
            limits=_limits(limit_low, limit_high, int((view.get("unit") or {}).get("exponent", 2))),
            policy=policy,
        )
        if agent is not None:
            await check_is_new(client, agent)
        records = enrolment_records(enrolment, network, signer=new, agent=agent)
        if new is not None and key_out is not None:
            # The keys are on the disk before the node knows them, so that a cut connection loses nobody.
            new = new.enrolled(records[0].id, network.home)
            keys.save(key_out, new, settings.passphrase(key_out, new=True))
        try:
            await enrol(client, records)
        except RefusedError as error:
            if key_out is not None and not error.details.get("enrolled"):
                key_out.unlink(missing_ok=True)  # Nobody knows these keys, and the name is free for the next try.
            raise
    text = to_text("agent", records[0].id)
    settings.output.result(
        {"agent": text, "name": name, "key": did_key(records[0].header.key), "key_file": str(key_out or "")},
        [
            f"The keys are in {key_out}; hand the file over." if key_out else REQUEST_NOTE,
            f"{name} is a member: {text}",
        ],
    )


@member.command("profile")
@click.argument("name")
@click.option("--city")
@click.option("--state")
@click.option("--about")
@click.option("--contact")
@click.option("--category", "categories", multiple=True, help="What you deal in; may be repeated.")
@click.option("--latitude", type=DEGREES)
@click.option("--longitude", type=DEGREES)
@asynchronous
async def profile(settings: Settings, /, *, name: str, categories: tuple[str, ...], **said: Any) -> None:
    """Publish your first profile under NAME, signed with --key."""
    degrees = {f"{field}_e6": said.pop(field) for field in ("latitude", "longitude")}
    async with desk(settings) as at:
        agent = at.author.agent
        fields = without_nothing({**said, **degrees, "categories": [_category(one) for one in categories]})
        record = at.author.make("profile", {"agent": agent, "name": name, **fields})
        await at.client.submit_one(record)
    text = to_text("agent", at.author.agent or b"")
    settings.output.result({"agent": text, "profile": to_text("profile", record.id)}, f"{name}: {text}")


@member.command("list")
@click.option("--search", help="Part of a name.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@asynchronous
async def list_members(settings: Settings, search: str | None, limit: int) -> None:
    """List the agents that the node knows."""
    rows = []
    async with connected(settings) as client:
        async for agent in client.pages("/agents", "agents", limit=limit, q=search):
            ref = agent["ref"]
            rows.append(
                {
                    "id": ref["id"],
                    "name": ref["name"],
                    "type": ref["type"],
                    "network_name": ref["network_name"],
                    "city": agent.get("city"),
                    "roles": agent.get("roles", []),
                    "is_mapped": ref.get("is_mapped", False),
                }
            )
    settings.output.table(
        rows,
        [
            ("name", "name"),
            ("type", "type"),
            ("network_name", "network"),
            ("city", "city"),
            ("roles", "roles"),
            ("id", "id"),
        ],
        empty="Nobody is known here yet; enrol somebody with `mutirao member add`.",
    )


@member.command("show")
@click.argument("agent", type=IdentifierType("agent"))
@asynchronous
async def show(settings: Settings, agent: str) -> None:
    """Show one agent with its offers, needs and seals."""
    async with connected(settings) as client:
        view = await client.get(f"/agents/{agent}")
    ref = view["ref"]
    seals = ", ".join(f"{seal['name']} ({seal['state']})" for seal in view.get("seals", []))
    lines = [
        f"{ref['name']} ({ref['type']}) of {ref['network_name']}",
        "known to the network, not joined" if ref.get("is_mapped") else "",
        " · ".join(part for part in (view.get("city"), view.get("state"), view.get("contact")) if part),
        view.get("about") or "",
        f"Roles: {', '.join(view['roles'])}" if view.get("roles") else "",
        f"Seals: {seals}" if seals else "",
        *(f"Offers: {offer['title']}  {offer['id']}" for offer in view.get("offers", [])),
        *(f"Needs:  {need['title']}  {need['id']}" for need in view.get("needs", [])),
        ref["id"],
    ]
    settings.output.result(view, lines)


def _category(text: str) -> str:
    try:
        return category_of(text)
    except ValueProblemError as error:
        raise UsageProblemError(f"--category: {error.message}", next_step=error.next_step) from error


def _check_whose_keys(key_out: Path | None, request: Path | None, *, has_profile: bool) -> None:
    if (key_out is None) == (request is None):
        raise UsageProblemError(
            "Whose keys sign for the new member isn't said.",
            next_step="Give either --key-out FILE, to make them here, or --request FILE.",
        )
    if request is not None and has_profile:
        raise UsageProblemError(
            "The profile of somebody who keeps their own keys can't be made here.",
            next_step="Leave out city, about and the like; the member gives them to `mutirao member profile`.",
        )


def _limits(low: str | None, high: str | None, exponent: int) -> tuple[int, int] | None:
    if low is None and high is None:
        return None
    if low is None or high is None:
        raise UsageProblemError(
            "One of the account's two limits is missing.",
            next_step="Give --limit-low and --limit-high: whoever may not go above zero can't be paid.",
        )
    try:
        limits = (
            scaled(low, exponent, comma_is_decimal=True),
            scaled(high, exponent, comma_is_decimal=True),
        )
    except ValueProblemError as error:
        raise UsageProblemError(f"The limits: {error.message}", next_step=error.next_step) from error
    if limits[0] > 0 or limits[1] < 0:
        raise UsageProblemError(
            "The account could never stand at zero.", next_step="Give --limit-low as 0 or below, --limit-high above it."
        )
    return limits
