"""The shape of holds and resolutions."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.errors import Code, RemoteProtocolError
from protocol.kinds import read_body
from tests.builders import bodies, named


def code_of(kind: str, **changes: Any) -> Code | None:
    """Give the code that a full body with these changes is refused with, None if it is read."""
    body = {**bodies()[kind], **changes}
    try:
        read_body(kind, {name: value for name, value in body.items() if value is not None})
    except RemoteProtocolError as error:
        return Code(error.code)
    return None


def test_amounts_are_any_integers() -> None:
    """An amount of zero or less is the ledger's refusal, with a leaf, and not a broken record."""
    assert code_of("hold", amount=-5) is None
    assert code_of("resolution", amount=0) is None


@pytest.mark.parametrize("names", [("ana",), ("ana", "ana"), ("maria", "ana"), ("ana", "padaria")])
def test_mediators_are_two_others(names: tuple[str, ...]) -> None:
    """One alone, the same one twice, or a party can't decide."""
    assert code_of("hold", mediators=[named(name) for name in names]) == Code.OUT_OF_RANGE


def test_three_mediators_are_too_many() -> None:
    """Two decide, or nobody."""
    assert code_of("hold", mediators=[named(name) for name in "abc"]) == Code.TOO_MANY
    assert code_of("hold", mediators=None) is None


def test_the_payee_s_time_comes_before_the_end() -> None:
    """A right that begins when the hold has ended would mislead."""
    end = bodies()["hold"]["expires_ms"]

    assert code_of("hold", payee_posts_from_ms=end) == Code.OUT_OF_RANGE
    assert code_of("hold", payee_posts_from_ms=end - 1) is None


@pytest.mark.parametrize("action", ["void", "dispute"])
def test_only_what_is_posted_has_an_amount(action: str) -> None:
    """A part can't be given back or disputed by itself."""
    assert code_of("resolution", action=action, minutes=None) == Code.OUT_OF_RANGE
    assert code_of("resolution", action=action, amount=None, minutes=None) is None


def test_an_assembly_does_not_dispute() -> None:
    """Minutes stand with what they decided."""
    assert code_of("resolution", action="dispute", amount=None) == Code.OUT_OF_RANGE
    assert code_of("resolution", action="void", amount=None) is None


def test_an_unknown_action_is_refused() -> None:
    """The actions are a closed list."""
    assert code_of("resolution", action="burn") == Code.OUT_OF_RANGE
