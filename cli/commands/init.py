"""`mutirao init`: make a network in a folder of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from cli.commands.options import DEGREES, without_nothing
from cli.errors import UsageProblemError
from cli.settings import Command, Settings, pass_settings
from protocol.identifiers import to_text

LANGUAGES = ("pt-BR", "es", "en")
PORT = 8800
THRESHOLD = 2


@click.command(cls=Command)
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", required=True, help="What people call the network.")
@click.option("--url", required=True, help="Where members and neighbours reach it, such as https://vila.example.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65_535), default=PORT, show_default=True, help="The port to listen on.")
@click.option("--region", is_flag=True, help="Follow every network that its neighbours carry.")
@click.option("--about", help="Who you are, in a few sentences.")
@click.option("--city")
@click.option("--state")
@click.option("--latitude", type=DEGREES)
@click.option("--longitude", type=DEGREES)
@click.option("--contact", help="What everybody may see.")
@click.option("--language", type=click.Choice(LANGUAGES), default="pt-BR", show_default=True)
@click.option("--colour", help="The network's colour on its pages, such as #2f7d4f.")
@click.option("--unit-name", help="The name of your community credit.")
@click.option("--unit-symbol", help="Its symbol, at most eight letters.")
@click.option("--unit-exponent", type=click.IntRange(0, 6), default=2, show_default=True, help="Its decimals.")
@click.option(
    "--officers",
    type=click.IntRange(1, 16),
    default=3,
    show_default=True,
    help="Who get a share of the recovery secret.",
)
@click.option(
    "--threshold", type=click.IntRange(1, 16), help="How many shares bring it back; 2 if not given, or 1 of 1."
)
@pass_settings
def init(settings: Settings, /, *, directory: Path, **said: Any) -> None:
    """Make a network in the new folder DIRECTORY.

    Its keys are locked with a passphrase. The shares of its recovery secret are printed once and kept nowhere: each
    goes to another officer, on paper.
    """
    import node.app

    config = node.app.Config(
        directory=directory,
        url=str(said["url"]).rstrip("/"),
        host=said["host"],
        port=said["port"],
        language=said["language"],
        follow_all=said["region"],
    )
    founded = asyncio.run(
        node.app.init_node(
            config,
            profile=_profile(said),
            passphrase=settings.passphrase(directory / "keys" / "network.key", new=True),
            threshold=said["threshold"] or min(THRESHOLD, said["officers"]),
            officers=said["officers"],
        )
    )
    network = to_text("agent", founded.network)
    shares = [f"Share {at} of {len(founded.shares)}: {share}" for at, share in enumerate(founded.shares, start=1)]
    settings.output.result(
        {
            "directory": str(directory),
            "network": network,
            "url": config.url,
            "shares": founded.shares,
            "threshold": founded.threshold,
        },
        [
            f"{said['name']} stands in {directory}.",
            f"Its id: {network}",
            "",
            f"Shares of the recovery secret; {founded.threshold} of them bring it back. Write each on paper for",
            "another officer now: they are shown this once and kept nowhere.",
            *shares,
            "",
            f"Start it with: mutirao serve {directory}",
        ],
    )


def _profile(said: dict[str, Any]) -> dict[str, Any]:
    unit = None
    if said["unit_name"] or said["unit_symbol"]:
        name = said["unit_name"] or said["unit_symbol"]
        unit = {"name": name, "symbol": said["unit_symbol"] or name[:8], "exponent": said["unit_exponent"]}
    if (said["latitude"] is None) != (said["longitude"] is None):
        raise UsageProblemError("Half of a position was given.", next_step="Give --latitude and --longitude, or none.")
    fields = ("name", "about", "city", "state", "contact", "language", "colour")
    position = {"latitude_e6": said["latitude"], "longitude_e6": said["longitude"]}
    return without_nothing({**{field: said[field] for field in fields}, **position, "unit": unit})
