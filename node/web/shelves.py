"""Categories as readers walk through them: trunks, what lies below, and how much stands on each shelf."""

from collections.abc import Sequence
from dataclasses import dataclass

from node.services.views import CategoryCount
from node.web.reader import Reader
from protocol.categories import CATEGORIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A category with what stands in it and below it."""

    id: str
    name: str
    offers: int = 0
    needs: int = 0
    children: tuple["Shelf", ...] = ()

    @property
    def total(self) -> int:
        """Offers and needs together."""
        return self.offers + self.needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One line of the category field."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A link that narrows a list."""

    name: str
    href: str
    icon: str | None = None
    count: int | None = None
    is_current: bool = False


def counts_of(counts: Sequence[CategoryCount]) -> dict[str, tuple[int, int]]:
    """Look counts up by category.

    Args:
        counts: what stands in each category and below it.

    Returns:
        Category id → offers and needs.
    """
    return {count.id: (count.offers, count.needs) for count in counts}


def shelf(identifier: str, sums: dict[str, tuple[int, int]], reader: Reader, *, depth: int = 0) -> Shelf:
    """Make a shelf, with `depth` levels of shelves below it that hold something."""
    offers, needs = sums.get(identifier, (0, 0))
    below = [shelf(child, sums, reader, depth=depth - 1) for child in children_of(identifier)] if depth else []
    return Shelf(
        id=identifier,
        name=reader.category_name(identifier),
        offers=offers,
        needs=needs,
        children=tuple(child for child in below if child.total),
    )


def trunks() -> list[str]:
    """Give the ids of the trunks, in the order in which pages show them."""
    return children_of(None)


def children_of(identifier: str | None) -> list[str]:
    """Give the ids of the categories right below one."""
    return [category.id for category in CATEGORIES.values() if category.broader == identifier]


def options(reader: Reader, *, also: str = "") -> list[Option]:
    """Give the lines of the category field: each trunk, and what lies right below it, set in.

    Args:
        reader: names the categories.
        also: the chosen category, which stands in the field however deep it lies.
    """
    lines = []
    for trunk in trunks():
        lines.append(Option(id=trunk, name=reader.category_name(trunk)))
        lines += [Option(id=child, name=f"– {reader.category_name(child)}") for child in children_of(trunk)]
    if also and also not in {line.id for line in lines}:
        lines.append(Option(id=also, name=f"– {reader.category_name(also)}"))
    return lines
