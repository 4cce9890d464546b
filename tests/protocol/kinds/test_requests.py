"""Charges, mandates and payments back hold their shape; what the ledger allows is the ledger's to say."""

from __future__ import annotations

from typing import Any

from protocol.errors import Code, RemoteProtocolError
from protocol.kinds import read_body
from protocol.kinds.requests import Request
from protocol.limits import INSTALMENTS_MAX
from tests.builders import NOW_MS, bodies, brl, named

DAY_MS = 24 * 3600 * 1000


def code_of(kind: str, **changes: Any) -> Code | None:
    """Give the code that a full body with these changes is refused with, None if it is read."""
    try:
        read_body(kind, {**bodies()[kind], **changes})
    except RemoteProtocolError as error:
        return Code(error.code)
    return None


def parts(*amounts: int, step_ms: int = DAY_MS) -> list[dict[str, int]]:
    """Give instalments of these amounts, one every `step_ms` from tomorrow on."""
    return [{"due_ms": NOW_MS + (place + 1) * step_ms, "amount": amount} for place, amount in enumerate(amounts)]


def test_amounts_are_any_integers() -> None:
    """An amount of zero or less is the ledger's refusal, with a leaf, and not a broken record."""
    assert code_of("request", amount=-5, instalments=[]) is None
    assert code_of("mandate", amount=0) is None
    assert code_of("reversal", amount=-1) is None


def test_instalments_come_to_the_amount_and_follow_one_another() -> None:
    """Each is due after the one before, the last with the request, and together they are the amount."""
    last = NOW_MS + 2 * DAY_MS

    assert code_of("request", amount=7, due_ms=last, instalments=parts(3, 4)) is None
    assert code_of("request", amount=8, due_ms=last, instalments=parts(3, 4)) == Code.OUT_OF_RANGE
    assert code_of("request", amount=7, due_ms=last + 1, instalments=parts(3, 4)) == Code.OUT_OF_RANGE
    assert code_of("request", amount=7, due_ms=NOW_MS, instalments=parts(3, 4, step_ms=0)) == Code.OUT_OF_RANGE
    assert code_of("request", amount=3, due_ms=last, instalments=parts(3, 0)) == Code.OUT_OF_RANGE


def test_instalments_have_a_bound() -> None:
    """A request with as many parts as allowed is read, one more is not."""
    most = INSTALMENTS_MAX

    def asked(count: int) -> Code | None:
        return code_of("request", amount=count, due_ms=NOW_MS + count * DAY_MS, instalments=parts(*[1] * count))

    assert asked(most) is None
    assert asked(most + 1) == Code.TOO_MANY


def test_a_request_pays_no_request() -> None:
    """What it is for may name an order, and not another request."""
    assert code_of("request", purpose={"order": named("order")}) is None
    assert code_of("request", purpose={"request": named("request")}) == Code.OUT_OF_RANGE


def test_the_official_part_is_official_money() -> None:
    """Credit is never stated as paid outside the ledger, and neither is nothing."""
    credit = {"unit": bodies()["transfer"]["unit"], "amount": 5}

    for kind in ("request", "transfer"):
        assert code_of(kind, official=brl(650)) is None
        assert code_of(kind, official=credit) == Code.OUT_OF_RANGE
        assert code_of(kind, official=brl(0)) == Code.OUT_OF_RANGE
    assert code_of("transfer", official=brl(650), mandate=named("mandate")) == Code.OUT_OF_RANGE


def test_a_mandate_counts_by_day_week_or_month() -> None:
    """Other periods aren't known."""
    assert [code_of("mandate", period=period) for period in ("day", "week", "month")] == [None] * 3
    assert code_of("mandate", period="year") == Code.OUT_OF_RANGE
    assert code_of("mandate", period=None) == Code.WRONG_TYPE


def test_what_is_not_said_is_empty() -> None:
    """A request of one sum has neither instalments nor an official part."""
    short = {key: value for key, value in bodies()["request"].items() if key not in {"instalments", "official"}}
    request = read_body("request", short)

    assert isinstance(request, Request)
    assert ((), None) == (request.instalments, request.official)
