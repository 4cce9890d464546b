"""What a trust feed says: whose keys are valid from which size on, and who has which role.

A key is valid for a record whose `keys_at` lies from `from_size` on and before `until_size`. The sizes are those of the
network's trust feed: what leaf i lists holds from size i + 1 on, since a leaf can't be its own ground.

The ring is a fold: feed it the valid records of a trust feed in their order, and ask it about any earlier size.

Source: spec/03-records R-96 to R-98; spec/05-merkle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from protocol.kinds import read_record
from protocol.kinds.agents import Agent, AgentType, Epoch, Membership, MembershipState
from protocol.record import Record


@dataclass(frozen=True, slots=True)
class Interval:
    """That an agent has a key or a role for a while.

    Attributes:
        agent: The agent's id.
        what: The public signing key (32 bytes), or the role's name.
        from_size: The first size of the trust feed at which it holds.
        until_size: The first size at which it holds no longer; None while it holds.
    """

    agent: bytes
    what: bytes | str
    from_size: int
    until_size: int | None = None

    def is_valid_at(self, size: int) -> bool:
        """Whether it holds for a record whose keys are read at this size."""
        return self.from_size <= size and (self.until_size is None or size < self.until_size)


class KeyRing:
    """Keys, roles, types and epochs of one network, as its trust feed tells them.

    Attributes:
        size: Leaves of the trust feed that have been folded.
        types: What each agent is.
        epochs: The network's epochs by number; the first record of a number counts.
    """

    def __init__(self) -> None:
        """Begin with an empty feed."""
        self.size = 0
        self.types: dict[bytes, AgentType] = {}
        self.epochs: dict[int, Epoch] = {}
        self._known_from: dict[bytes, int] = {}
        self._keys: dict[bytes, list[Interval]] = {}
        self._roles: dict[bytes, list[Interval]] = {}

    def apply(self, index: int, record: Record | None) -> None:
        """Fold the leaf `index`.

        Args:
            index: From 0; leaves may be left out (void, unknown), never repeated or taken back.
            record: The leaf's record if it is valid; None otherwise.

        Raises:
            RemoteProtocolError: The record's body can't be read, so it wasn't valid.
            ValueError: The leaf was folded before.
        """
        if index < self.size:
            raise ValueError(f"leaf {index} comes after {self.size} leaves were folded")
        self.size = index + 1
        if record is None or record.header.kind not in {"agent", "membership", "epoch"}:
            return
        match read_record(record):
            case Agent() as agent:
                self.types[record.thing_id] = agent.type
                self._known_from.setdefault(record.thing_id, self.size)
                _replace(self._keys, record.thing_id, {key.sign for key in agent.keys}, self.size)
            case Membership() as membership:
                is_active = membership.state is MembershipState.ACTIVE
                roles = {role.value for role in membership.roles} if is_active else set()
                _replace(self._roles, membership.agent, roles, self.size)
            case Epoch() as epoch:
                self.epochs.setdefault(epoch.number, epoch)

    def keys_at(self, agent: bytes, size: int) -> frozenset[bytes] | None:
        """Give the agent's valid keys at a size of the feed; None if no agent of that id stands before it."""
        if size < self._known_from.get(agent, size + 1):
            return None
        return frozenset(
            item.what for item in self._keys[agent] if item.is_valid_at(size) and isinstance(item.what, bytes)
        )

    def roles_at(self, agent: bytes, size: int) -> frozenset[str]:
        """Give the agent's roles at a size of the feed; none for who isn't an active member."""
        found = self._roles.get(agent, ())
        return frozenset(item.what for item in found if item.is_valid_at(size) and isinstance(item.what, str))

    def key_intervals(self) -> tuple[Interval, ...]:
        """Give all intervals of keys, in the order in which they began, equal ones by key."""
        return _sorted(self._keys.values())

    def role_intervals(self) -> tuple[Interval, ...]:
        """Give all intervals of roles, in the order in which they began, equal ones by name."""
        return _sorted(self._roles.values())


def _replace(intervals: dict[bytes, list[Interval]], agent: bytes, wanted: set[bytes] | set[str], size: int) -> None:
    """End what is no longer wanted, leave what goes on, begin what is new."""
    kept: list[Interval] = []
    going_on: set[bytes | str] = set()
    for item in intervals.get(agent, []):
        if item.until_size is None and item.what not in wanted:
            kept.append(Interval(agent, item.what, item.from_size, size))
        else:
            kept.append(item)
            going_on.update({item.what} if item.until_size is None else ())
    kept.extend(Interval(agent, what, size) for what in wanted if what not in going_on)
    intervals[agent] = kept


def _sorted(groups: Iterable[list[Interval]]) -> tuple[Interval, ...]:
    items: Iterator[Interval] = (item for group in groups for item in group)
    return tuple(sorted(items, key=lambda item: (item.from_size, item.agent, str(item.what))))
