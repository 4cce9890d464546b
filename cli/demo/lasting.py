"""`mutirao demo --dir DIR`: three networks that stay, with the sample federation in them.

The first start makes the networks, links them and imports the sample tables by the ordinary import; a later one goes
on from the data. Whatever a first start left half done is completed by the next, since each part is idempotent.
Ctrl-C stops all nodes in order. Source: issue "The spine"; docs/operating/demo.md.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

from cli.demo.federation import LINKS, PLACES, Federation
from cli.demo.processes import check_ports
from cli.errors import FailedCheckError, UsageProblemError
from cli.importing.run import import_into
from cli.keys import write_private
from cli.output import Output

PORT = 8801
MARK = "demo.json"
WATCH_S = 0.25
SAMPLE = files("node").joinpath("sample")


async def run_lasting(output: Output, directory: Path, *, port: int, fresh: bool) -> None:
    """Run the three networks until Ctrl-C.

    Args:
        output: where addresses and progress go.
        directory: where everything lies.
        port: that of the first network; the others have the next two.
        fresh: delete what is there and start over.

    Raises:
        UsageProblemError: a port is taken, or the folder holds something else.
        FailedCheckError: a node ended by itself.
    """
    ports = [port + at for at in range(len(PLACES))]
    mark = _mark_of(directory)
    if fresh and mark is not None:
        shutil.rmtree(directory)
        mark = None
    if mark is not None and mark["ports"] != ports:
        raise UsageProblemError(
            f"The demo in {directory} has the ports {', '.join(map(str, mark['ports']))}.",
            next_step=f"Start it with --port {mark['ports'][0]}, or start over with --fresh.",
        )
    check_ports(ports, option="--port 8811")
    if mark is None:
        _write_mark(directory, ports, is_complete=False)
    federation = Federation.at(directory, PLACES, ports)
    is_up = False
    with _stop_asked(lambda: is_up) as stop:
        try:
            await _bring_up(federation, output, is_complete=bool(mark and mark["complete"]))
            if mark is None or not mark["complete"]:
                _write_mark(directory, ports, is_complete=True)
            is_up = True
            _tell(federation, output)
            await _watch(federation, stop)
        except asyncio.CancelledError:
            output.note("Stopping; the next start completes what is missing …")
        finally:
            codes = await federation.stop()
    bad = {place: code for place, code in codes.items() if code}
    if bad:
        raise FailedCheckError(f"Not every node stopped cleanly: {bad}.", next_step=f"See {directory}/*.output.")
    output.note("All three networks have stopped; the next start goes on from here.")


async def _bring_up(federation: Federation, output: Output, *, is_complete: bool) -> None:
    if not is_complete:
        output.note("Making three networks …")
        await federation.init(PLACES)
    await federation.start()
    if is_complete:
        return
    async with federation.connections():
        output.note("Making them neighbours …")
        await federation.link(LINKS)
        for place in PLACES:
            output.note(f"Importing the sample tables of {place.name} …")
            await _import(federation, place.folder, output)


async def _import(federation: Federation, place: str, output: Output) -> None:
    """Load a network's sample tables by the ordinary import."""
    client = federation.client(place)
    view = await client.network()
    with as_file(SAMPLE.joinpath(place)) as tables:
        report = await import_into(
            client,
            federation.author(place),
            view.get("unit"),
            [tables],
            federation.member_keys(place),
            passphrase=lambda _path, _new: "",
            output=output,
        )
    if report.problems:
        raise FailedCheckError(
            f"{len(report.problems)} rows of the sample tables were refused: {report.problems[0]}", code="rows"
        )


async def _watch(federation: Federation, stop: asyncio.Event) -> None:
    """Wait for Ctrl-C, or for a node that ends by itself."""
    while not stop.is_set():
        for node in federation.nodes.values():
            if not node.is_alive:
                raise FailedCheckError(
                    f"The node of {node.name} has ended by itself.", next_step=f"It said last:\n{node.tail()}"
                )
        try:
            async with asyncio.timeout(WATCH_S):
                await stop.wait()
        except TimeoutError:
            continue


@contextmanager
def _stop_asked(is_up: Callable[[], bool]) -> Iterator[asyncio.Event]:
    """Turn Ctrl-C and a polite kill into an event; until the networks are up, they cancel the work instead.

    Args:
        is_up: whether somebody waits for the event.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None

    def ask() -> None:
        # While the networks are being made nobody waits for the event; the work itself ends.
        if not stop.is_set() and not is_up():
            task.cancel()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ask)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _tell(federation: Federation, output: Output) -> None:
    addresses = {place.folder: federation.nodes[place.folder].url for place in PLACES}
    width = max(len(place.name) for place in PLACES)
    lines = [f"  {place.name.ljust(width)}  {addresses[place.folder]}" for place in PLACES]
    text = "\n".join(["Three networks are running:", *lines, "Ctrl-C stops them."])
    output.line({"networks": addresses}, text)


def _mark_of(directory: Path) -> dict[str, list[int]] | None:
    """Read the mark of an earlier demo.

    Raises:
        UsageProblemError: the folder holds something else, which is never touched.
    """
    if not directory.exists() or not any(directory.iterdir()):
        return None
    try:
        mark = json.loads((directory / MARK).read_bytes())
        return {"ports": [int(port) for port in mark["ports"]], "complete": bool(mark["complete"])}  # type: ignore[dict-item]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageProblemError(
            f"{directory} holds something else than a demo.", next_step="Choose an empty folder with --dir."
        ) from error


def _write_mark(directory: Path, ports: list[int], *, is_complete: bool) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / MARK
    write_private(path, json.dumps({"ports": ports, "complete": is_complete}) + "\n", replacing=True)
