"""Who agents are and how units are written, for readers: names out of profiles, symbols out of network profiles.

Source: docs/concepts/catalogue.md.

Tests: tests/node/services/test_catalogue.py
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from node.services.views import AgentRef, MoneyView, UnitView
from node.store import catalogue_reads as reads
from node.store.catalogue_profiles import profiles_of
from node.store.database import Connection, Database
from protocol.currencies import exponent_of
from protocol.errors import RemoteProtocolError
from protocol.identifiers import from_text, to_text

NAME_CHARACTERS: Final = 8
_OFFICIAL: Final = {"BRL": ("Real", "R$")}


class CatalogueNames:
    """Names for services that read without a connection of their own, such as the ledger."""

    def __init__(self, database: Database) -> None:
        """Read names from a database."""
        self._database = database

    async def agents(self, ids: Sequence[bytes]) -> dict[bytes, AgentRef]:
        """Give the agents with these ids, all of them; one without a profile is named by its id."""
        async with self._database.read() as connection:
            return await agent_refs(connection, ids)

    async def unit(self, unit: str) -> UnitView:
        """Give how amounts of a unit are written."""
        async with self._database.read() as connection:
            return (await unit_views(connection, [unit]))[unit]


async def agent_refs(connection: Connection, ids: Iterable[bytes]) -> dict[bytes, AgentRef]:
    """Give agents in one line each.

    Args:
        connection: Any connection.
        ids: Agents; every one of them is in the answer.
    """
    wanted = set(ids)
    things = await reads.by_ids(connection, wanted)
    networks = await reads.by_ids(connection, {item.network for item in things.values()})
    keyed = await reads.with_keys(connection, wanted)
    refs: dict[bytes, AgentRef] = {}
    for identifier in wanted:
        item = things.get(identifier)
        text = to_text("agent", identifier)
        if item is None:
            refs[identifier] = AgentRef(id=text, name=short(identifier), type="person", network_id="", network_name="")
            continue
        network = networks.get(item.network)
        refs[identifier] = AgentRef(
            id=text,
            name=item.title or short(identifier),
            type=item.category or "person",
            network_id=to_text("agent", item.network),
            network_name=(network.title if network is not None else "") or short(item.network),
            is_mapped=identifier not in keyed,
        )
    return refs


async def unit_views(connection: Connection, units: Iterable[str]) -> dict[str, UnitView]:
    """Give how amounts of units are written; every one of them is in the answer.

    Args:
        connection: Any connection.
        units: A currency such as `BRL`, or `agent:` and the network whose credit it is.
    """
    views: dict[str, UnitView] = {}
    networks: dict[str, bytes] = {}
    for unit in set(units):
        if unit in _OFFICIAL:
            name, symbol = _OFFICIAL[unit]
            views[unit] = UnitView(unit=unit, name=name, symbol=symbol, exponent=exponent_of(unit))
        elif (network := network_of(unit)) is not None:
            networks[unit] = network
        else:
            views[unit] = _plain(unit)
    profiles = await profiles_of(connection, list(networks.values()))
    for unit, network in networks.items():
        views[unit] = unit_of(unit, profiles.get(network) or {}) or _plain(unit)
    return views


def unit_of(unit: str, profile: Mapping[str, Any]) -> UnitView | None:
    """Give the credit unit that a network's profile states; None where it states none."""
    stated = profile.get("unit")
    if not stated:
        return None
    return UnitView(unit=unit, name=stated["name"], symbol=stated["symbol"], exponent=stated["exponent"])


def money(view: UnitView, amount: int) -> MoneyView:
    """Give an amount together with how it is written."""
    return MoneyView(
        unit=view.unit,
        amount=amount,
        symbol=view.symbol,
        exponent=view.exponent,
        is_credit=network_of(view.unit) is not None,
    )


def network_of(unit: str) -> bytes | None:
    """Give the network whose credit a unit is; None for official money."""
    try:
        kind, network = from_text(unit)
    except RemoteProtocolError:
        return None
    return network if kind == "agent" else None


def short(identifier: bytes) -> str:
    """Give the beginning of an id, which stands for a name where none is known."""
    return to_text("agent", identifier).partition(":")[2][:NAME_CHARACTERS]


def _plain(unit: str) -> UnitView:
    symbol = unit.removeprefix("agent:")[:NAME_CHARACTERS]
    return UnitView(unit=unit, name=unit, symbol=symbol, exponent=exponent_of(unit))
