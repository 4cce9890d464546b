"""`python -m tests.faults`: the standard drill on three real nodes; one line a step, exit code 1 where a check fails.

Namespaces are used where this machine allows them, else proxies on loopback; which of them is printed first.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from cli.demo.checks import run_step
from cli.demo.federation import PLACES, Federation
from cli.demo.processes import free_ports
from cli.errors import CliError
from cli.output import Output
from tests.faults import nets
from tests.faults.disks import KINDS
from tests.faults.drill import FAULTS, Drill
from tests.faults.namespaces import Namespaces
from tests.faults.proxies import Proxies

HOLD_S = 5.0


def main(arguments: Sequence[str]) -> int:
    """Run the drill; 0 when every check held."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--net", choices=("best", Namespaces.kind, Proxies.kind), default="best")
    parser.add_argument("--disk", choices=("best", *KINDS), default="best", help="the kind of disk that fills")
    parser.add_argument("--hold", type=float, default=HOLD_S, help=f"seconds that a fault stands (default: {HOLD_S})")
    parser.add_argument("--steps", nargs="+", choices=[name for name, _ in FAULTS], help="only these faults")
    parser.add_argument("--keep", action="store_true", help="leave the folders for looking at")
    options = parser.parse_args(arguments)
    kind, reason = Namespaces.kind, ""
    if options.net != Namespaces.kind and not nets.is_inside():
        reason = "asked for" if options.net == Proxies.kind else nets.lacking()
        kind = Proxies.kind if reason else kind
    if kind == Namespaces.kind and not nets.is_inside():
        nets.run_inside("tests.faults", arguments)
    output = Output(json_wanted=options.json)
    why = f" (no namespaces: {reason})" if reason else ""
    try:
        output.line({"net": kind, "reason": reason, "hold_s": options.hold}, f"network: {kind}{why}")
        asyncio.run(_drill(output, kind, options))
    except CliError as error:
        output.error(error)
        return 1
    return 0


async def _drill(output: Output, kind: str, options: argparse.Namespace) -> None:
    root = Path(tempfile.mkdtemp(prefix="mutirao-faults-"))
    federation = Federation.at(root, PLACES, free_ports(len(PLACES)))
    net: Namespaces | Proxies = Namespaces() if kind == Namespaces.kind else Proxies()
    drill = Drill(federation, net, options.hold, "" if options.disk == "best" else options.disk)
    try:
        await net.open(federation)
        await run_step(output, "start", drill.start)
        async with federation.connections():
            await run_step(output, "link", drill.link)
            for name, step in FAULTS:
                if options.steps is None or name in options.steps:
                    await run_step(output, name, partial(step, drill))
            await run_step(output, "rest", drill.rest)
            await run_step(output, "audit", drill.audit)
    finally:
        await federation.stop()
        await net.close()
        if options.keep:
            output.note(f"Kept: {root}")
        else:
            shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
