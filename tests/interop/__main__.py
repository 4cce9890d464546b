"""`make interop`: our interfaces tried by other programs.

- schemathesis asks every operation of the OpenAPI document of a real node, with thousands of requests if told so.

A program that isn't installed is named with the command that installs it, and that part fails.
"""

import argparse
import asyncio
import importlib.util
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.api_node import ApiNode

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def main(arguments: Sequence[str]) -> int:
    """Run all parts; 0 when all of them pass."""
    parser = argparse.ArgumentParser(prog="make interop", description=__doc__)
    parser.add_argument("--examples", type=int, default=50, help="requests for each operation (default: 50)")
    options = parser.parse_args(arguments)
    if importlib.util.find_spec("schemathesis") is None:
        print("schemathesis is missing: .venv/bin/pip install --group interop", file=sys.stderr)
        return 1
    return asyncio.run(ask_every_operation(options.examples))


async def ask_every_operation(examples: int) -> int:
    """Let schemathesis ask a node that has an agent, an offer and an operator who is logged in."""
    with tempfile.TemporaryDirectory() as folder:
        async with ApiNode(Path(folder), "vila") as node:
            await node.enrol("maria")
            await node.publish(node.offer("maria", "Pão"))
            session = await node.log_in()
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "schemathesis.cli", "run", str(node.client.make_url("/api/v1/openapi.json"))),
                *("--header", f"Authorization: {session['Authorization']}"),
                *("--checks", CHECKS, "--max-examples", str(examples)),
                cwd=folder,
            )
            return await process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
