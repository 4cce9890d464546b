"""Pictures drawn from figures: what a price is made of, and who is linked with whom.

Only geometry here, in whole numbers of SVG units; the templates draw and the stylesheet colours.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from node.services.views import CompositionPart, MoneyView, NeighbourView, NetworkView

BAR_WIDTH = 1000
PART_HUES = {"inputs": 2, "work": 0, "transport": 3, "network": 1, "surplus": 6}

TURN = 2 * math.pi
# Half of the longest name, and the least width, so that few flags aren't blown up.
BESIDE = 84
PICTURE_WIDTH_MIN = 300
# Around the middle of a flag: its own upper half, and its lower half with the name.
ABOVE, BELOW = 36, 60
LABEL_CHARACTERS_MAX = 22
# More flags than this can't be told apart on a phone; the list below the picture has them all.
NODES_MAX = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One share of a price: where its rectangle starts and how wide it is, of 1000."""

    part: str
    note: str | None
    amount: MoneyView
    start: int
    width: int
    percent: int
    hue: int


@dataclass(frozen=True, slots=True)
class Bar:
    """The shares in one unit; a price in two units has two bars, since nobody may add them up."""

    unit: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A network in the picture; `label` is its name, cut to fit."""

    id: str
    name: str
    label: str
    x: int
    y: int
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A line between two networks; `state` is "linked" or "broken"."""

    x1: int
    y1: int
    x2: int
    y2: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPicture:
    """Who is linked with whom; `connected` counts the links that work.

    The picture begins at `left` and `top`, so that no empty space stands where no neighbour lies.
    """

    left: int
    width: int
    top: int
    height: int
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    connected: int


def composition_bars(composition: Sequence[CompositionPart]) -> list[Bar]:
    """Draw what a price is made of, one bar a unit.

    Shares that aren't positive have no place in a bar and are left out; per cents are rounded by largest remainder, so
    that they add up to 100.
    """
    bars = []
    for unit in dict.fromkeys(share.amount.unit for share in composition):
        shares = [share for share in composition if share.amount.unit == unit and share.amount.amount > 0]
        if not shares:
            continue
        amounts = [share.amount.amount for share in shares]
        edges = [sum(amounts[:count]) * BAR_WIDTH // sum(amounts) for count in range(len(amounts) + 1)]
        pieces = tuple(
            Piece(
                part=share.part,
                note=share.note,
                amount=share.amount,
                start=edges[number],
                width=edges[number + 1] - edges[number],
                percent=percent,
                hue=PART_HUES.get(share.part, 5),
            )
            for number, (share, percent) in enumerate(zip(shares, _per_cents(amounts), strict=True))
        )
        bars.append(Bar(unit, pieces))
    return bars


def network_picture(network: NetworkView, neighbours: Sequence[NeighbourView]) -> NetworkPicture | None:
    """Draw this network in the middle and its neighbours around it, in the direction in which they lie.

    A neighbour whose place is unknown takes a free direction. Directions are pulled apart so that names stay readable.

    Returns:
        The picture, or None without neighbours.
    """
    shown = list(neighbours)[:NODES_MAX]
    if not shown:
        return None
    middle = (0, 0)
    nodes = [_node(network.id, network.name, middle, is_own=True)]
    links = []
    for neighbour, angle in zip(shown, _directions(network, shown), strict=True):
        x = round(middle[0] + 118 * math.sin(angle))
        y = round(middle[1] - 108 * math.cos(angle))
        nodes.append(_node(neighbour.network_id, neighbour.name, (x, y), is_own=False))
        state = "linked" if neighbour.state == "connected" else "broken"
        links.append(Link(x1=middle[0], y1=middle[1], x2=x, y2=y, state=state))
    top = min(node.y for node in nodes) - ABOVE
    left, right = min(node.x for node in nodes) - BESIDE, max(node.x for node in nodes) + BESIDE
    spare = max(0, PICTURE_WIDTH_MIN - (right - left))
    return NetworkPicture(
        left=left - spare // 2,
        width=right - left + spare,
        top=top,
        height=max(node.y for node in nodes) + BELOW - top,
        nodes=tuple(nodes),
        links=tuple(links),
        connected=sum(link.state == "linked" for link in links),
    )


def _node(identifier: str, name: str, place: tuple[int, int], *, is_own: bool) -> Node:
    label = name if len(name) <= LABEL_CHARACTERS_MAX else name[: LABEL_CHARACTERS_MAX - 1].rstrip() + "…"
    return Node(id=identifier, name=name, label=label, x=place[0], y=place[1], is_own=is_own)


def _directions(network: NetworkView, neighbours: Sequence[NeighbourView]) -> list[float]:
    """Give each neighbour its angle, clockwise from north; no two nearer than two thirds of an even share."""
    count = len(neighbours)
    wished = [_bearing(network, neighbour) for neighbour in neighbours]
    angles = [TURN * (number + 0.3) / count if angle is None else angle for number, angle in enumerate(wished)]
    order = sorted(range(count), key=lambda number: angles[number])
    # Cut the circle at its widest gap and lay it out as a line, where pushing can't go round and round.
    gaps = [(angles[one] - angles[order[place - 1]]) % TURN for place, one in enumerate(order)]
    widest = gaps.index(max(gaps))
    order = order[widest:] + order[:widest]
    start = angles[order[0]]
    line = [start + (angles[one] - start) % TURN for one in order]
    apart = TURN / max(count, 3) * 2 / 3
    for place in range(1, count):
        line[place] = max(line[place], line[place - 1] + apart)
    for place in range(count):
        line[place] = min(line[place], start + TURN - (count - place) * apart)
    for place, one in enumerate(order):
        angles[one] = line[place]
    return angles


def _bearing(network: NetworkView, neighbour: NeighbourView) -> float | None:
    """Give the direction to a neighbour on a flat map, None where a place is unknown or the same."""
    if network.latitude_e6 is None or network.longitude_e6 is None:
        return None
    if neighbour.latitude_e6 is None or neighbour.longitude_e6 is None:
        return None
    north = neighbour.latitude_e6 - network.latitude_e6
    east = (neighbour.longitude_e6 - network.longitude_e6) * math.cos(math.radians(network.latitude_e6 / 1e6))
    if north == 0 and east == 0:
        return None
    return math.atan2(east, north) % TURN


def _per_cents(amounts: Sequence[int]) -> list[int]:
    whole = sum(amounts)
    floors = [amount * 100 // whole for amount in amounts]
    by_rest = sorted(range(len(amounts)), key=lambda number: -(amounts[number] * 100 % whole))
    for number in by_rest[: 100 - sum(floors)]:
        floors[number] += 1
    return floors
