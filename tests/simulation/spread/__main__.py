"""`make spread`: ten thousand nodes of real gossip sessions in virtual time, against flooding on the same graph.

    python -m tests.simulation.spread [--nodes 10000] [--degree 5] [--records 100] [--loss 0.01] [--seed 0] [--json]

prints delivery, redundancy, last hop, p50 and p99 of both, what control costs, the time that it took and the hash of
all that happened, which is the same whenever the same is asked. It ends with 0 when every record was delivered.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from cli.output import Output
from tests.simulation.spread.plan import Plan
from tests.simulation.spread.run import run


def main(arguments: Sequence[str]) -> int:
    """Run a plan and print its report."""
    usual = Plan()
    parser = argparse.ArgumentParser(prog="make spread", description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--nodes", type=int, default=usual.nodes, help="default: %(default)s")
    parser.add_argument("--degree", type=int, default=usual.degree, help="links of a node (default: %(default)s)")
    parser.add_argument("--records", type=int, default=usual.records, help="default: %(default)s")
    parser.add_argument("--publishers", type=int, default=usual.publishers, help="default: %(default)s")
    parser.add_argument("--loss", type=float, default=usual.loss, help="share of frames lost (default: %(default)s)")
    parser.add_argument(
        "--crash", type=float, nargs="*", default=(), help="shares of nodes that crash, such as 0.5 0.8"
    )
    parser.add_argument("--interval", type=int, default=usual.interval_ms, help="ms between records of a world")
    parser.add_argument("--worlds", type=int, default=usual.worlds, help="parts to run apart (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=usual.worlds, help="worlds at a time (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=usual.seed, help="default: %(default)s")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the text")
    options = parser.parse_args(arguments)
    try:
        plan = Plan(
            nodes=options.nodes,
            degree=options.degree,
            records=options.records,
            publishers=options.publishers,
            loss=options.loss,
            crashes=tuple(options.crash),
            interval_ms=options.interval,
            worlds=options.worlds,
            seed=options.seed,
        )
    except ValueError as error:
        parser.error(str(error))
    output = Output(json_wanted=options.json)
    with output.progress("Spreading", plan.deliveries()) as advance:
        report = run(plan, processes=options.processes, advance=advance)
    output.script(report.as_json(), "\n".join(report.lines()))
    return 0 if all(phase.sessions.delivery == 1 for phase in report.phases) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
