"""`mutirao seal` and `mutirao attest`: participatory seals, from their criteria to visits, awards and revocations."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import click

from cli.commands.options import DAY, IdentifierType
from cli.connection import connected, desk
from cli.records import now_ms
from cli.settings import Group, Settings, asynchronous
from protocol.identifiers import from_text, to_text

DAY_MS = 24 * 3600 * 1000
MONTH_MS = 30 * DAY_MS
SEAL = IdentifierType("seal")
SUBJECT = IdentifierType("offer", "item", "agent")


@click.group(cls=Group)
def seal() -> None:
    """Seals: what they promise, and to what they were given."""


@seal.command("create")
@click.argument("name")
@click.option("--about", required=True, help="What it promises.")
@click.option("--criterion", "criteria", multiple=True, required=True, help="What visitors look at; may be repeated.")
@click.option("--commission", type=IdentifierType("agent"), help="Who awards it; you if not given.")
@click.option("--quorum", type=click.IntRange(1, 20), default=2, show_default=True, help="Visitors that it takes.")
@click.option("--months", type=click.IntRange(1, 60), default=12, show_default=True, help="How long an award holds.")
@asynchronous
async def create(
    settings: Settings,
    *,
    name: str,
    about: str,
    criteria: tuple[str, ...],
    commission: str | None,
    quorum: int,
    months: int,
) -> None:
    """Publish a seal called NAME, signed with --key."""
    async with desk(settings) as at:
        body = {
            "name": name,
            "about": about,
            "criteria": list(criteria),
            "commission": from_text(commission)[1] if commission else at.author.agent,
            "quorum": quorum,
            "months": months,
        }
        record = at.author.make("seal", body)
        await at.client.submit_one(record)
    text = to_text("seal", record.id)
    settings.output.result({"seal": text}, f"Published: {name}  {text}")


@seal.command("list")
@asynchronous
async def list_seals(settings: Settings) -> None:
    """List the seals that the node knows, with their ids."""
    async with connected(settings) as client:
        views = (await client.get("/seals"))["seals"]
    if settings.output.json_wanted:
        settings.output.result(views)
        return
    rows = [{**view, "commission": view["commission"]["name"], "held": _held(view)} for view in views]
    columns = [
        ("name", "name"),
        ("network_name", "network"),
        ("commission", "awarded by"),
        ("held", "held by>"),
        ("id", "id"),
    ]
    settings.output.table(rows, columns, empty="No seal is known here yet; publish one with `mutirao seal create`.")


def _held(view: dict[str, Any]) -> int:
    return sum(subject["state"] == "valid" for subject in view.get("subjects", []))


@seal.command("show")
@click.argument("identifier", metavar="SEAL", type=SEAL)
@asynchronous
async def show(settings: Settings, identifier: str) -> None:
    """Show a seal with its criteria and everything that it was given to."""
    async with connected(settings) as client:
        view = await client.get(f"/seals/{identifier}")
    lines = [
        f"{view['name']} of {view['network_name']}: {view.get('about') or ''}",
        *(f"  · {criterion}" for criterion in view["criteria"]),
        f"Awarded by {view['commission']['name']} after {view['quorum']} visits, for {view['months']} months",
    ]
    for subject in view.get("subjects", []):
        lines.append(f"{subject['subject']['title']}: {subject['state']}, {subject['visits']} visits")
        lines.extend(f"    {one['type']} by {one['author']['name']}" for one in subject.get("attestations", []))
    settings.output.result(view, [*lines, view["id"]])


@click.group(cls=Group)
def attest() -> None:
    """State what you saw: visits, awards, revocations."""


@attest.command("visit")
@click.argument("seal_id", metavar="SEAL", type=SEAL)
@click.argument("subject", type=SUBJECT)
@click.argument("result", type=click.Choice(("pass", "fail")))
@click.option("--note", help="What you saw.")
@click.option("--minutes", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its hash is published.")
@click.option("--conflict", is_flag=True, help="You have an interest in the subject; the visit then doesn't count.")
@asynchronous
async def visit(
    settings: Settings,
    *,
    seal_id: str,
    subject: str,
    result: str,
    note: str | None,
    minutes: Path | None,
    conflict: bool,
) -> None:
    """State what a visit to SUBJECT found, by the criteria of SEAL."""
    body = {"type": "visit", "seal": seal_id, "subject": subject, "result": result}
    if conflict:
        body["conflict"] = True  # type: ignore[assignment]
    await _attest(settings, body, note=note, minutes=minutes)


@attest.command("award")
@click.argument("seal_id", metavar="SEAL", type=SEAL)
@click.argument("subject", type=SUBJECT)
@click.option("--visit", "visits", multiple=True, required=True, type=IdentifierType("attestation"))
@click.option("--until", "until_ms", type=DAY, help="The seal's months from today, if not given.")
@click.option("--note")
@asynchronous
async def award(
    settings: Settings, seal_id: str, subject: str, visits: tuple[str, ...], until_ms: int | None, note: str | None
) -> None:
    """Award SEAL to SUBJECT on the ground of visits; for the commission."""
    if until_ms is None:
        async with connected(settings) as client:
            months = int((await client.get(f"/seals/{seal_id}"))["months"])
        until_ms = now_ms() + months * MONTH_MS
    body = {"type": "award", "seal": seal_id, "subject": subject, "visits": list(visits), "until_ms": until_ms}
    await _attest(settings, body, note=note)


@attest.command("revoke")
@click.argument("seal_id", metavar="SEAL", type=SEAL)
@click.argument("subject", type=SUBJECT)
@click.argument("award_id", metavar="AWARD", type=IdentifierType("attestation"))
@click.option("--note", required=True, help="Why.")
@asynchronous
async def revoke(settings: Settings, seal_id: str, subject: str, award_id: str, note: str) -> None:
    """End an AWARD; for the commission."""
    body = {"type": "revocation", "seal": seal_id, "subject": subject, "award": award_id}
    await _attest(settings, body, note=note)


async def _attest(
    settings: Settings, said: dict[str, Any], *, note: str | None = None, minutes: Path | None = None
) -> None:
    """Sign and send an attestation whose ids are still text."""
    body: dict[str, Any] = {name: _with_ids(name, value) for name, value in said.items()}
    if note:
        body["note"] = note
    if minutes is not None:
        body["minutes"] = hashlib.sha256(minutes.read_bytes()).digest()
    async with desk(settings) as at:
        record = at.author.make("attestation", body)
        await at.client.submit_one(record)
    text = to_text("attestation", record.id)
    settings.output.result({"attestation": text, "type": said["type"]}, f"Published: {said['type']}  {text}")


def _with_ids(name: str, value: Any) -> Any:
    if name == "visits":
        return [from_text(one)[1] for one in value]
    return from_text(value)[1] if name in {"seal", "subject", "award"} else value
