"""`mutirao demo --once`: the trade, once, between real processes in a temporary folder.

One line a step: its name, whether all its checks held, and which. The first step that fails ends the run; the folder
is deleted at the end unless it is to be kept. Source: issue "The spine"; docs/operating/demo.md.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from cli.demo import credit_steps, market_steps, order_steps
from cli.demo.checks import Checks, run_step
from cli.demo.federation import LINKS, PLACES, Federation, Place
from cli.demo.processes import free_ports
from cli.demo.trade import Trade
from cli.output import Output

BYSTANDER = Place(order_steps.BYSTANDER, "Rede da Costa")
Step = Callable[[Trade, Checks], Awaitable[None]]


async def run_once(output: Output, *, keep: bool, corrupt: str | None, directory: Path | None = None) -> None:
    """Run the trade and print one line a step.

    Args:
        output: where lines go.
        keep: leave the folder for looking at.
        corrupt: what to damage before the audit, as a test of the test; None for nothing.
        directory: where; a temporary folder if None.

    Raises:
        FailedCheckError: a check didn't hold.
    """
    root = directory or Path(tempfile.mkdtemp(prefix="mutirao-demo-"))
    places = [*PLACES, BYSTANDER]
    federation = Federation.at(root, places, free_ports(len(places)))
    trade = Trade(federation)
    steps: list[tuple[str, Step]] = [
        ("enrol", market_steps.enrol),
        ("need", market_steps.need),
        ("offer", market_steps.offer),
        ("order", order_steps.order),
        ("relay", order_steps.relay),
        ("carry_out", order_steps.carry_out),
        ("seal", market_steps.seal),
        ("pay", credit_steps.pay),
        ("crash", credit_steps.crash),
        ("verify", partial(credit_steps.verify, corrupt=corrupt)),
    ]
    try:
        await run_step(output, "start", partial(_start, trade, places=places))
        async with federation.connections():
            await run_step(output, "link", partial(_link, trade))
            for name, step in steps:
                await run_step(output, name, partial(step, trade))
    finally:
        await federation.stop()
        if keep:
            output.note(f"Kept: {root}")
        else:
            shutil.rmtree(root, ignore_errors=True)


async def _start(trade: Trade, checks: Checks, *, places: list[Place]) -> None:
    """Four nodes are made and started, each a process and a folder of its own."""
    await trade.federation.init(places)
    await trade.federation.start()
    for place, node in trade.federation.nodes.items():
        checks.that(node.is_alive, f"{place} is ready at {node.url}")


async def _link(trade: Trade, checks: Checks) -> None:
    """Neighbours and region are linked; the bystander knows the region only."""
    links = [*LINKS, (BYSTANDER.folder, "regiao")]
    await trade.federation.link(links)
    checks.checked.extend(f"{one} and {other} hear each other" for one, other in links)
