"""`mutirao key`: keys are made here, and no node ever holds a member's."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cli import keys
from cli.connection import load_signer
from cli.records import first_agent
from cli.settings import Group, Settings, asynchronous, pass_settings
from protocol.identifiers import did_key, to_text

AGENT_TYPES = ("person", "enterprise", "group", "fund", "forum", "shop", "public_body", "commission")


@click.group(cls=Group)
def key() -> None:
    """Make and show the key files that sign."""


@key.command("new")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--name", help="Whose key it is; the file's name if not given.")
@pass_settings
def new(settings: Settings, file: Path, name: str | None) -> None:
    """Make new keys and write them to FILE, which only you can read."""
    signer = keys.new_signer(name or file.stem)
    keys.save(file, signer, settings.passphrase(file, new=True))
    settings.output.result(
        {"file": str(file), "name": signer.name, "key": did_key(signer.public)},
        [f"{file} holds the new keys of {signer.name}.", f"Public key: {did_key(signer.public)}"],
    )


@key.command("show")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_settings
def show(settings: Settings, file: Path) -> None:
    """Show whose keys FILE holds; never the keys themselves."""
    signer = load_signer(settings, file)
    agent = to_text("agent", signer.agent) if signer.agent else None
    network = to_text("agent", signer.network) if signer.network else None
    settings.output.result(
        {
            "file": str(file),
            "name": signer.name,
            "key": did_key(signer.public),
            "agent": agent,
            "network": network,
            "locked": keys.is_locked(file),
        },
        [
            f"Name:       {signer.name}",
            f"Public key: {did_key(signer.public)}",
            f"Agent:      {agent or 'none yet; enrol with `mutirao member add`'}",
            f"Network:    {network or '-'}",
        ],
    )


@key.command("agent")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--type", "agent_type", type=click.Choice(AGENT_TYPES), default="person", show_default=True)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the signed request goes; FILE with the ending .request if not given.",
)
@asynchronous
async def agent(settings: Settings, file: Path, agent_type: str, out: Path | None) -> None:
    """Sign the record by which the keys of FILE ask to join the network of --node.

    The request holds no secret: hand it to the network's operator, who enrols it with
    `mutirao member add --request`.
    """
    from cli.client import Client
    from cli.requests import request_text

    passphrase = settings.passphrase(file) if keys.is_locked(file) else ""
    signer = keys.load(file, passphrase)
    async with Client(settings.node) as client:
        network = await client.network_id()
    record = first_agent(signer, agent_type, network)
    target = out or file.with_suffix(".request")
    keys.write_private(target, json.dumps(request_text(signer.name, record)) + "\n")
    keys.save(file, signer.enrolled(record.id, network), passphrase, replacing=True)
    settings.output.result(
        {"request": str(target), "agent": to_text("agent", record.id), "network": to_text("agent", network)},
        [f"{target} asks for {signer.name} to join.", "Give it to the network's operator."],
    )
