"""What a run of the spread found, put together from its worlds: figures for people and for programs.

Redundancy is how many leaves nodes were sent that they had (or got by another link), a delivery; flooding at degree 5
has 3. The last hop is over how many links a record came to the node that got it last; p50 and p99 are over all pairs of
a node and a record. Control are all frames but batches that carry leaves.

Source: DESIGN §14.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from tests.simulation.spread.plan import PAYLOAD, Part, Phase, Plan, Traffic, Trip, percentile

LOSSLESS = {"redundancy": 0.10, "p99": 1.2}
"""Floors without loss; delivery is 100 % with and without."""

LOSSY = {"redundancy": 0.16, "p99": 2.4}
"""Floors where one frame in a hundred is lost."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How records spread, in one of two ways.

    Attributes:
        delivery: Share of the pairs of a live node and a record that met.
        redundancy: Leaves received a delivery, less one.
        last_hop: Mean over the records.
        hops_max: The most links that a record came over, mean over the records.
        p50_ms: Half of the deliveries took at most so long.
        p99_ms: Of a hundred deliveries one took longer.
        max_ms: The slowest delivery.
    """

    delivery: float
    redundancy: float
    last_hop: float
    hops_max: float
    p50_ms: int
    p99_ms: int
    max_ms: int


@dataclass(frozen=True, kw_only=True)
class PhaseReport:
    """One phase over all worlds.

    Attributes:
        name: What sets it apart.
        live: How many nodes live.
        records: How many records spread.
        sessions: How the sessions did.
        flood: How flooding did on the same graph.
        p99_ratio: p99 of the sessions over that of flooding.
        bytes_ratio: All bytes of the sessions over those of flooding with frames as large.
        control_frames: Control frames a payload frame.
        control_bytes: Bytes of control a byte of payload frames.
        frames: How many frames of each kind left.
        bytes: How large they were.
        floors: Each floor that binds, and whether it is reached.
    """

    name: str
    live: int
    records: int
    sessions: Figures
    flood: Figures
    p99_ratio: float
    bytes_ratio: float
    control_frames: float
    control_bytes: float
    frames: dict[str, int]
    bytes: dict[str, int]
    floors: dict[str, bool]


@dataclass(frozen=True, kw_only=True)
class Report:
    """All of a run.

    Attributes:
        plan: What was asked.
        phases: What was found.
        trace: SHA-256 over the traces of the worlds; the same for the same plan, wherever and however it runs.
        frames: How many frames arrived.
        links_lost: How many links ended though nobody crashed.
        virtual_s: How long the longest world lasted, in its own time.
        cpu_s: Processor time of all worlds.
        setup_cpu_s: That of it before the first record.
        wall_s: From beginning to end.
        memory_bytes: The most memory that the worlds' processes held together.
    """

    plan: Plan
    phases: list[PhaseReport]
    trace: str
    frames: int
    links_lost: int
    virtual_s: float
    cpu_s: float
    setup_cpu_s: float
    wall_s: float
    memory_bytes: int

    def as_json(self) -> dict[str, object]:
        """Give all figures as plain values."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Give the report for people, a line each."""
        plan = self.plan
        asked = (
            f"{plan.nodes:,} nodes of degree {plan.degree}, {plan.records} records of {plan.publishers} publishers",
            f"loss {plan.loss:.0%}",
            f"seed {plan.seed}",
        )
        cost = (
            f"{self.wall_s:.0f} s",
            f"{self.cpu_s:.0f} s of processor time, {self.setup_cpu_s:.0f} s of it before the first record",
            f"{self.memory_bytes / 2**30:.1f} GiB",
            f"{self.links_lost} links lost",
        )
        return [
            ", ".join(asked),
            *(line for phase in self.phases for line in _phase_lines(phase)),
            "",
            f"{self.frames:,} frames in {self.virtual_s:,.0f} s of virtual time",
            "; ".join(cost),
            f"trace {self.trace}",
        ]


def report_of(plan: Plan, parts: Sequence[Part], *, wall_s: float, processes: int) -> Report:
    """Put the worlds of a plan together.

    Args:
        plan: What was asked.
        parts: What its worlds gave, in their order.
        wall_s: How long it took.
        processes: How many of them ran at a time.
    """
    return Report(
        plan=plan,
        phases=[_phase_report(plan, list(phases)) for phases in zip(*(part.phases for part in parts), strict=True)],
        trace=hashlib.sha256("\n".join(part.trace for part in parts).encode()).hexdigest(),
        frames=sum(part.frames for part in parts),
        links_lost=sum(part.links_lost for part in parts),
        virtual_s=max(part.virtual_ms for part in parts) / 1000,
        cpu_s=sum(part.cpu_s for part in parts),
        setup_cpu_s=sum(part.setup_cpu_s for part in parts),
        wall_s=wall_s,
        memory_bytes=sum(sorted(part.memory_bytes for part in parts)[-processes:]),
    )


def _phase_report(plan: Plan, phases: list[Phase]) -> PhaseReport:
    trips = [trip for phase in phases for trip in phase.trips]
    traffic = Traffic()
    for phase in phases:
        for name, count in phase.traffic.frames.items():
            traffic.add(name, phase.traffic.bytes[name], count)
    leaves = sum(phase.traffic.leaves for phase in phases)
    sessions = _figures(trips, [(trip.latencies_ms, trip.last_hop, trip.hops_max) for trip in trips], leaves)
    flood_frames = sum(trip.flood.frames for trip in trips)
    flooded = [(trip.flood.latencies_ms, trip.flood.last_hop, trip.flood.hops_max) for trip in trips]
    flood = _figures(trips, flooded, flood_frames)
    payload = max(1, traffic.frames.get(PAYLOAD, 0))
    payload_bytes = max(1, traffic.bytes.get(PAYLOAD, 0))
    p99_ratio = sessions.p99_ms / max(1, flood.p99_ms)
    floors = LOSSY if plan.loss else LOSSLESS
    return PhaseReport(
        name=phases[0].name,
        live=phases[0].live,
        records=len(trips),
        sessions=sessions,
        flood=flood,
        p99_ratio=p99_ratio,
        bytes_ratio=sum(traffic.bytes.values()) / max(1, flood_frames * payload_bytes / payload),
        control_frames=sum(traffic.frames.values()) / payload - 1,
        control_bytes=sum(traffic.bytes.values()) / payload_bytes - 1,
        frames=dict(sorted(traffic.frames.items())),
        bytes=dict(sorted(traffic.bytes.items())),
        floors={
            "delivery 100 %": sessions.delivery == 1,
            f"redundancy ≤ {floors['redundancy']}": sessions.redundancy <= floors["redundancy"],
            f"p99 ≤ {floors['p99']} × flooding": p99_ratio <= floors["p99"],
        },
    )


def _figures(trips: Sequence[Trip], ways: Sequence[tuple[Iterable[int], int, int]], received: int) -> Figures:
    latencies = sorted(value for values, _, _ in ways for value in values)
    return Figures(
        delivery=len(latencies) / max(1, sum(trip.wanted for trip in trips)),
        redundancy=received / max(1, len(latencies)) - 1,
        last_hop=sum(last for _, last, _ in ways) / max(1, len(ways)),
        hops_max=sum(most for _, _, most in ways) / max(1, len(ways)),
        p50_ms=percentile(latencies, 0.5),
        p99_ms=percentile(latencies, 0.99),
        max_ms=latencies[-1] if latencies else 0,
    )


def _phase_lines(phase: PhaseReport) -> list[str]:
    heading = ("", "delivery", "redundancy", "last hop", "hops max", "p50", "p99", "slowest")
    costs = (
        f"p99 {phase.p99_ratio:.2f} × flooding",
        f"all bytes {phase.bytes_ratio:.0%} of flooding",
        f"{phase.control_frames:.2f} control frames a payload frame, with {phase.control_bytes:.0%} of its bytes",
    )
    return [
        "",
        f"{phase.name}: {phase.live:,} live, {phase.records} records",
        _row(heading),
        _row(("sessions", *_cells(phase.sessions))),
        _row(("flooding", *_cells(phase.flood))),
        "  " + "; ".join(costs),
        "  frames: " + ", ".join(f"{count:,} {name}" for name, count in phase.frames.items()),
        "  " + "; ".join(f"{name}: {'reached' if reached else 'MISSED'}" for name, reached in phase.floors.items()),
    ]


def _cells(figures: Figures) -> tuple[str, ...]:
    times = (figures.p50_ms, figures.p99_ms, figures.max_ms)
    hops = (figures.last_hop, figures.hops_max)
    return (
        _share(figures.delivery),
        f"{figures.redundancy:.3f}",
        *(f"{value:.1f}" for value in hops),
        *(f"{value:,} ms" for value in times),
    )


def _row(cells: Sequence[str]) -> str:
    return f"  {cells[0]:<8}" + "".join(f"{cell:>12}" for cell in cells[1:])


def _share(value: float) -> str:
    """Write a share so that 100 % means all."""
    return "100 %" if value == 1 else f"{min(value * 100, 99.9999):.4f} %"
