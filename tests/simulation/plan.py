"""The plan of a run: which nodes, who is linked with whom, and what is done to them when; all of it from one seed.

A plan is data: it is made before anything runs, written to a file, read back, and made shorter by leaving steps out.
What a step does is in `tests.simulation.work` and `tests.simulation.faults`, under the same name.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from tests.simulation.chance import Chance

HOUR_MS = 3600 * 1000
YEAR_MS = 365 * 24 * HOUR_MS
SETTLE_MS = 240_000
"""How long everything may take, once all faults have ended, until all is as it must be."""

NODE_COUNTS = {3: 20, 4: 14, 5: 10, 6: 6, 7: 4, 8: 3, 9: 2, 10: 1, 11: 1, 12: 1, 13: 1, 14: 1, 15: 1}
"""How many nodes a plan has, and how often: mostly few, since a run's cost grows with their square."""

MANY_NODES = 7
"""With so many, members publish less at once."""

MEMBERS = ("ana", "bento", "carla")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done.

    Attributes:
        at_ms: When, in virtual time.
        action: What; a name in `work.ACTIONS` or `faults.ACTIONS`.
        node: To whom.
        fields: With what.
    """

    at_ms: int
    action: str
    node: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does.

    Attributes:
        seed: Decides what the steps leave open: latencies, which frames are lost, which sectors survive.
        nodes: Names.
        links: Pairs of names: the first dials the second.
        follow_all: Names of those that follow all that their neighbours carry.
        steps: In the order of their times.
    """

    seed: int
    nodes: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    follow_all: tuple[str, ...]
    steps: tuple[Step, ...]

    def with_steps(self, steps: tuple[Step, ...]) -> Plan:
        """Give the same plan with other steps."""
        return Plan(self.seed, self.nodes, self.links, self.follow_all, steps)

    def to_json(self) -> str:
        """Write the plan, a line a step."""
        fields = asdict(self)
        steps = ",\n    ".join(json.dumps(step, sort_keys=True) for step in fields.pop("steps"))
        head = json.dumps(fields, indent=2, sort_keys=True).rstrip("}\n")
        return f'{head},\n  "steps": [\n    {steps}\n  ]\n}}\n'


def plan_from_json(text: str) -> Plan:
    """Read what `Plan.to_json` wrote; keys that it doesn't know, such as what was found, are left aside."""
    fields = json.loads(text)
    return Plan(
        seed=fields["seed"],
        nodes=tuple(fields["nodes"]),
        links=tuple((one, other) for one, other in fields["links"]),
        follow_all=tuple(fields["follow_all"]),
        steps=tuple(Step(**step) for step in fields["steps"]),
    )


def plan_of(seed: int) -> Plan:
    """Make the plan of a seed: 3 to 15 nodes, some twenty acts of members, some ten faults, in about a minute."""
    chance = Chance(seed).stream("plan")
    names = tuple(f"n{number:02}" for number in range(_count(chance)))
    links = _links(chance, names)
    everybody = chance.random() < 0.7
    duration_ms = chance.choice((10_000, 30_000, 60_000, 90_000))
    steps = [_work(chance, names, chance.randrange(duration_ms)) for _ in range(chance.randint(12, 24))]
    for kind in _swarm(chance):
        for _ in range(chance.randint(1, 3)):
            steps += kind(chance, names, links, chance.randrange(duration_ms))
    steps += _rogues(Chance(seed).stream("rogues"), names, duration_ms)
    steps.sort(key=lambda step: step.at_ms)
    return Plan(seed, names, links, names if everybody else names[:1], tuple(steps))


def _count(chance: random.Random) -> int:
    return chance.choices(list(NODE_COUNTS), list(NODE_COUNTS.values()))[0]


def _links(chance: random.Random, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Link everybody with the first, with the one before, or both: a star, a line, or a net."""
    shape = chance.choice(("star", "line", "net"))
    pairs: dict[tuple[str, str], None] = {}
    for number in range(1, len(names)):
        if shape != "star":
            pairs[names[number], names[number - 1]] = None
        if shape == "star" or (shape == "net" and chance.random() < 0.5):
            pairs[names[number], names[0]] = None
    # Some links are known at both ends, so both dial.
    both = [(other, one) for one, other in pairs if chance.random() < 0.3]
    return (*pairs, *(pair for pair in both if pair not in pairs))


def _work(chance: random.Random, names: tuple[str, ...], at_ms: int) -> Step:
    action = chance.choices(
        ("offer", "revise", "transfer", "retry", "together", "order", "accept", "attest", "hostile"),
        (6, 2, 8, 3, 2, 4, 2, 1, 1),
    )[0]
    node = chance.choice(names)
    fields: dict[str, Any] = {"number": chance.randrange(1 << 32)}
    if action == "offer":
        fields |= {
            "member": chance.choice(MEMBERS),
            "count": chance.choice((1, 1, 2, 5, 20) if len(names) < MANY_NODES else (1, 1, 2)),
        }
    elif action in {"transfer", "together"}:
        payer, payee = chance.sample(MEMBERS, 2)
        fields |= {"payer": payer, "payee": payee, "amount": chance.choice((1, 40, 300, 600, 999, 1000, 1001))}
        fields["count"] = chance.choice((1, 1, 3, 10))
    elif action == "order":
        fields |= {"seller": chance.choice([name for name in names if name != node])}
    return Step(at_ms, action, node, fields)


ROGUE_SHARE = 0.4
"""Share of plans with a rogue among the nodes' peers."""

ROGUE_KINDS = (
    "equivocate",
    "stale",
    "odd",
    "live",
    "forge",
    "relay",
    "claims",
    "deliver",
    "gets",
    "heads",
    "pings",
    "connections",
    "garbage",
    "mute",
    "impersonate",
    "sybils",
)
"""What rogues do; see `tests.simulation.rogue_acts`."""


def _rogues(chance: random.Random, names: tuple[str, ...], duration_ms: int) -> list[Step]:
    """Let a rogue be the peer of one to three nodes, and do a few kinds of things to them."""
    if chance.random() >= ROGUE_SHARE:
        return []
    known = chance.sample(names, min(len(names), chance.choice((1, 2, 2, 3))))
    kinds = chance.sample(ROGUE_KINDS, chance.choice((1, 2, 3)))
    acts = [
        (chance.randrange(duration_ms), chance.choice(known), chance.choice(kinds)) for _ in range(chance.randint(2, 7))
    ]
    if chance.random() < 0.5:  # each one is shown a face of its own, all at once, before they hear from each other
        at_ms = chance.randrange(duration_ms)
        acts += [(at_ms, node, "equivocate") for node in known]
    fields = {"name": "x00", "dialled": chance.random() < 0.3}
    return [
        Step(at_ms, "rogue", node, {**fields, "kind": kind, "number": chance.randrange(1 << 32)})
        for at_ms, node, kind in acts
    ]


Fault = Callable[[random.Random, tuple[str, ...], tuple[tuple[str, str], ...], int], list[Step]]


def _swarm(chance: random.Random) -> list[Fault]:
    """Choose the kinds of faults of a run: few at a time find what all together would hide."""
    share = chance.choice((0.15, 0.3, 0.5))
    kinds = [kind for kind in FAULTS if chance.random() < share]
    return kinds or [chance.choice(FAULTS)]


def _road(action: str, values: tuple[float, ...]) -> Fault:
    def make(chance: random.Random, _n: Any, links: tuple[tuple[str, str], ...], at_ms: int) -> list[Step]:
        one, other = chance.choice(links)
        if chance.random() < 0.5:
            one, other = other, one
        lasts_ms = chance.choice((200, 3000, 20_000))
        value = chance.choice(values)
        begin = Step(at_ms, action, one, {"to": other, "value": value})
        return [begin, Step(at_ms + lasts_ms, action, one, {"to": other, "value": 0})]

    return make


def _partition(chance: random.Random, names: tuple[str, ...], _l: Any, at_ms: int) -> list[Step]:
    group = chance.sample(names, chance.randint(1, len(names) - 1))
    lasts_ms = chance.choice((1000, 15_000, 60_000))
    return [
        Step(at_ms, "partition", group[0], {"group": sorted(group)}),
        Step(at_ms + lasts_ms, "heal", group[0], {"group": sorted(group)}),
    ]


def _swizzle(
    chance: random.Random, names: tuple[str, ...], links: tuple[tuple[str, str], ...], at_ms: int
) -> list[Step]:
    """Clog the roads of a node one after the other, then clear them in another order."""
    node = chance.choice(names)
    roads = [(one, other) for pair in links if node in pair for one, other in (pair, pair[::-1])]
    clogged = [Step(at_ms + chance.randrange(3000), "clog", one, {"to": other, "value": 1}) for one, other in roads]
    again_ms = at_ms + chance.choice((3000, 20_000))
    return clogged + [
        Step(again_ms + chance.randrange(5000), "clog", one, {"to": other, "value": 0}) for one, other in roads
    ]


def _crash(chance: random.Random, names: tuple[str, ...], _l: Any, at_ms: int) -> list[Step]:
    node = chance.choice(names)
    power = chance.random() < 0.6
    back_ms = at_ms + chance.choice((0, 50, 2000, 20_000))
    if chance.random() < 0.3:
        first = Step(at_ms, "crash", node, {"power": power})
    else:
        first = Step(at_ms, "crash_at", node, {"power": power, "effects": chance.choice((1, 2, 3, 5, 8, 13, 40, 100))})
        back_ms += 1
    again = Step(back_ms, "start", node, {})
    if chance.random() < 0.3:  # also while it starts
        again_at = Step(back_ms, "crash_at", node, {"power": power, "effects": chance.randint(1, 12)})
        return [first, again, again_at, Step(back_ms + 1000, "start", node, {})]
    return [first, again]


def _stop(chance: random.Random, names: tuple[str, ...], _l: Any, at_ms: int) -> list[Step]:
    node = chance.choice(names)
    return [Step(at_ms, "stop", node, {}), Step(at_ms + chance.choice((10, 5000)), "start", node, {})]


def _full(chance: random.Random, names: tuple[str, ...], _l: Any, at_ms: int) -> list[Step]:
    node = chance.choice(names)
    room = chance.choice((0, 4096, 20_000, 100_000))
    return [
        Step(at_ms, "full", node, {"room": room}),
        Step(at_ms + chance.choice((500, 20_000)), "full", node, {"room": -1}),
    ]


def _failing(chance: random.Random, names: tuple[str, ...], _l: Any, at_ms: int) -> list[Step]:
    node = chance.choice(names)
    effect = chance.choice(("write", "sync", "truncate"))
    return [Step(at_ms, "failing", node, {"effect": effect}), Step(at_ms + 3000, "start", node, {})]


def _clock(chance: random.Random, names: tuple[str, ...], _l: Any, at_ms: int) -> list[Step]:
    node = chance.choice(names)
    wrong_ms = chance.choice((-HOUR_MS, HOUR_MS, 14 * YEAR_MS, -3 * YEAR_MS, -1000, 86_400_000))
    return [
        Step(at_ms, "clock", node, {"wrong_ms": wrong_ms}),
        Step(at_ms + chance.choice((1000, 30_000)), "clock", node, {"wrong_ms": 0}),
    ]


def _restore(chance: random.Random, names: tuple[str, ...], _l: Any, at_ms: int) -> list[Step]:
    """Bring an old backup back: the database alone, or, one time in four, with its checkpoint file."""
    node = chance.choice(names)
    fields = {"whole": chance.random() < 0.25}
    return [Step(at_ms, "backup", node, {}), Step(at_ms + chance.choice((500, 10_000)), "restore", node, fields)]


FAULTS: tuple[Fault, ...] = (
    _road("loss", (0.05, 0.3, 0.9)),
    _road("duplicates", (0.05, 0.5)),
    _road("reordering", (0.05, 0.5)),
    _road("latency", (400, 3000)),
    _road("one_way", (1,)),
    _road("clog", (1,)),
    _road("alter", (0.05, 0.5)),
    _road("replay", (0.1,)),
    _road("silence", (1,)),
    _partition,
    _swizzle,
    _crash,
    _crash,
    _stop,
    _full,
    _failing,
    _clock,
    _restore,
)
"""Every kind of fault that a plan draws from."""
