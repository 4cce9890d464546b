"""The spread in small: what holds of ten thousand nodes holds of two hundred, and the same plan runs the same way."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from functools import cache

import pytest

from protocol.limits import GET_TIMEOUT_MS
from tests.simulation.spread.graph import flood, is_connected, refill, regular_graph
from tests.simulation.spread.plan import Plan
from tests.simulation.spread.report import Report
from tests.simulation.spread.run import run
from tests.tools import tree

SMALL = Plan(nodes=200, records=10, publishers=4)
LOSSY = Plan(nodes=100, records=6, publishers=2, loss=0.05, crashes=(0.5, 0.8), seed=3)


@cache
def report(plan: Plan) -> Report:
    """Run a plan in this process, once."""
    return run(plan)


def test_every_node_gets_every_record_once() -> None:
    """Without loss every record reaches every node, few of them twice, and no link ends."""
    (phase,) = report(SMALL).phases

    assert phase.sessions.delivery == 1
    assert phase.sessions.redundancy <= 0.10
    assert phase.frames["BATCH with leaves"] >= 199 * 10
    assert report(SMALL).links_lost == 0


def test_flooding_is_measured_on_the_same_graph() -> None:
    """Flooding sends a record over each link once or twice: at degree 5, three leaves too many a node."""
    (phase,) = report(SMALL).phases

    assert phase.flood.delivery == 1
    assert 2.9 <= phase.flood.redundancy <= 3.1
    assert 0 < phase.flood.p50_ms <= phase.flood.p99_ms <= phase.sessions.p99_ms
    assert phase.p99_ratio == phase.sessions.p99_ms / phase.flood.p99_ms


def test_the_same_plan_runs_the_same_way() -> None:
    """Processes of their own, with hashes of their own, meet the same frames; another seed meets others."""
    command = [sys.executable, "-m", "tests.simulation.spread", "--json", "--nodes", "200", "--records", "10"]
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    done = subprocess.run(
        [*command, "--publishers", "4"], cwd=tree.ROOT, env=environment, check=True, capture_output=True, text=True
    )
    apart = json.loads(done.stdout)

    assert report(SMALL).trace == apart["trace"]
    assert report(SMALL).phases[0].sessions.p99_ms == apart["phases"][0]["sessions"]["p99_ms"]
    assert report(SMALL).trace != run(Plan(nodes=20, records=2, publishers=2)).trace


def test_lost_frames_and_crashes_are_mended() -> None:
    """With a frame in twenty lost, and half and then four fifths of the nodes crashed, every record arrives in time.

    None waits until the GET that was lost is given up: another link asks.
    """
    phases = report(LOSSY).phases

    assert [phase.live for phase in phases] == [100, 50, 20]
    assert all(phase.sessions.delivery == 1 for phase in phases)
    assert all(phase.sessions.redundancy <= 0.16 for phase in phases)
    assert all(phase.sessions.max_ms < GET_TIMEOUT_MS for phase in phases)


def test_a_graph_is_regular_and_connected() -> None:
    """Every node has as many links as asked, to different others, and all hang together."""
    graph = regular_graph(60, 5, random.Random(1))

    assert {5} == {len({other for other, _ in beside}) for beside in graph.neighbours()}
    assert all(one < other for one, other in graph.links)
    assert is_connected(range(60), set(graph.links))
    assert min(graph.latencies_ms) >= 1


def test_survivors_are_linked_anew() -> None:
    """Nodes that lost links get others until they have as many as before, but for one where the number is odd."""
    graph = regular_graph(60, 5, random.Random(1))
    live = list(range(31))
    left = {(one, other) for one, other in graph.links if other < 31}

    made = refill(live, left, 5, random.Random(2))

    assert made is not None
    assert not made & left
    assert len(made | left) == 31 * 5 // 2


@pytest.mark.parametrize(("nodes", "degree"), [(5, 5), (7, 3), (10, 1)])
def test_impossible_graphs_are_refused(nodes: int, degree: int) -> None:
    """A graph that can't be is refused with its reason."""
    with pytest.raises(ValueError, match=f"no graph of {nodes} nodes of degree {degree}"):
        regular_graph(nodes, degree, random.Random(1))


def test_flooding_takes_the_shortest_way() -> None:
    """On a ring of four a record goes both ways, and comes twice to the node that is farthest."""
    ring = [[(1, 10), (3, 1)], [(0, 10), (2, 1)], [(1, 1), (3, 1)], [(2, 1), (0, 1)]]

    found = flood(ring, 0, loss=0.0, rng=random.Random(1))

    assert found.latencies_ms == [1, 2, 3]
    assert (found.last_hop, found.hops_max, found.frames) == (3, 3, 5)
