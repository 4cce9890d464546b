"""The model of `reference.py`, further: holds, requests, mandates, reversals, and what waits for signatures.

Everything that is remembered is a `Thing`; what is set aside, drawn or paid is added up from things and movements each
time it is asked. Shares no code with the ledger.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from protocol.kinds.holds import Hold, Resolution
from protocol.kinds.joint import Consent
from protocol.kinds.ledger import Account, Transfer
from protocol.kinds.requests import Mandate, Request, Reversal
from tests.protocol.ledger.reference import Reason, Reference

DAY = 86_400_000
ACT_WAITS = 30 * DAY
LONGEST_HOLD = 366 * DAY
LONGEST_OVERDUE = 366 * DAY
LONGEST_TERM = 3653 * DAY


@dataclass
class Thing:
    """What is remembered of an instruction: an act, a hold, a request, a mandate."""

    kind: str
    state: str
    body: Any
    author: bytes
    until: int | None
    signed: list[bytes] = field(default_factory=list)
    is_open: bool = True
    drawn: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class Model(Reference):
    """The ledger with everything that it remembers, by the id of the instruction that made it."""

    members: frozenset[bytes] = frozenset()
    things: dict[bytes, Thing] = field(default_factory=dict)
    posted: dict[bytes, Transfer] = field(default_factory=dict)
    reversed: set[bytes] = field(default_factory=set)

    def set_aside(self, agent: bytes, unit: str) -> tuple[int, int]:
        """Add up the open holds of an account."""
        holds = [thing.body for thing in self.things.values() if thing.kind == "hold" and thing.is_open]
        return (
            sum(hold.amount for hold in holds if (hold.payer, hold.unit) == (agent, unit)),
            sum(hold.amount for hold in holds if (hold.payee, hold.unit) == (agent, unit)),
        )

    def pass_to(self, now: int) -> None:
        """End what has come to its time; nothing here depends on the order in which that happens."""
        self.clock = max(self.clock, now)
        for thing in self.things.values():
            if thing.is_open and thing.until is not None and thing.until <= self.clock:
                thing.is_open, thing.state = False, "ended" if thing.kind == "mandate" else "expired"

    def say(self, identifier: bytes, author: bytes, body: Any, now: int) -> str:
        """Say what must become of an instruction, and do it."""
        self.pass_to(now)
        if isinstance(body, Account):
            return self.change(body, now)
        for applies, code in self.reasons(author, body):
            if applies:
                return code
        others = self.others(author, body)
        if others:
            self.things[identifier] = Thing("act", "proposed", body, author, self.clock + ACT_WAITS, [author])
            return "proposed"
        return self.do(identifier, author, body)

    def reasons(self, author: bytes, body: Any) -> list[Reason]:
        """List what may stand against an instruction, in order; the first that applies is given."""
        if isinstance(body, Resolution):
            return self.against_resolution(author, body)
        if isinstance(body, Consent):
            return self.against_consent(author, body)
        said = self.said(body.ledger, body.payer, body.payee, body.unit, body.amount)
        found = self.found(body.payer, body.payee, body.unit, body.amount)
        if isinstance(body, Hold):
            unknown = any(mediator not in self.members for mediator in body.mediators)
            times = [
                (body.expires_ms <= self.clock, "expired"),
                (body.expires_ms > self.clock + LONGEST_HOLD, "hold_too_long"),
            ]
            return [*said, *times, (unknown, "unknown_mediator"), *found]
        if isinstance(body, Request):
            late = (body.due_ms + LONGEST_OVERDUE <= self.clock, "expired")
            return [*said, late, (body.due_ms > self.clock + LONGEST_TERM, "term_too_long"), *found[:4]]
        if isinstance(body, Mandate):
            late = (body.until_ms <= self.clock, "expired")
            return [*said, late, (body.until_ms > self.clock + LONGEST_TERM, "term_too_long"), *found[:4]]
        if isinstance(body, Reversal):
            return [*said, *self.against_reversal(body), *found]
        return [*said, (body.expires_ms <= self.clock, "expired"), *self.against_links(body), *found]

    def against_links(self, body: Transfer) -> list[Reason]:
        """List what the request and the mandate that a transfer names say against it."""
        wrong: list[Reason] = []
        request = None if body.purpose is None else body.purpose.request
        if request is not None:
            thing = self.things.get(request)
            if thing is None or thing.kind != "request":
                return [(True, "unknown_request")]
            left = thing.body.amount - sum(amount for _, amount in thing.drawn)
            wrong += [
                (not _same_sides(thing.body, body), "not_as_requested"),
                (not thing.is_open, "request_closed"),
                (body.amount > left, "more_than_requested"),
            ]
        if body.mandate is not None:
            thing = self.things.get(body.mandate)
            if thing is None or thing.kind != "mandate":
                return [*wrong, (True, "unknown_mandate")]
            period = _period(thing.body.period, self.clock)
            drawn = sum(amount for when, amount in thing.drawn if when == period)
            wrong += [
                (not _same_sides(thing.body, body), "not_as_mandated"),
                (not thing.is_open, "mandate_ended"),
                (drawn + body.amount > thing.body.amount, "mandate_limit"),
            ]
        return wrong

    def against_reversal(self, body: Reversal) -> list[Reason]:
        """List what the transfer says against moving it back."""
        transfer = self.posted.get(body.transfer)
        if transfer is None:
            return [(True, "unknown_transfer")]
        back = (transfer.payee, transfer.payer, transfer.unit)
        return [
            (back != (body.payer, body.payee, body.unit), "not_as_transferred"),
            (body.transfer in self.reversed, "already_reversed"),
            (body.amount > transfer.amount, "more_than_transferred"),
        ]

    def against_resolution(self, author: bytes, body: Resolution) -> list[Reason]:
        """List what a hold says against ending it like this."""
        small = (body.amount is not None and body.amount < 1, "amount_not_positive")
        thing = self.things.get(body.hold)
        if thing is None or thing.kind != "hold":
            return [small, (True, "unknown_hold")]
        hold: Hold = thing.body
        sides, own_time = (hold.payer, hold.payee), hold.payee_posts_from_ms
        allowed = {
            "post": [hold.payer, *hold.mediators, *([hold.payee] if own_time is not None else [])],
            "void": [hold.payee, *hold.mediators],
            "dispute": [*sides],
        }[body.action]
        disputed = thing.state == "disputed"
        alone = body.action == "post" and author == hold.payee
        return [
            small,
            (author not in (*sides, *hold.mediators), "no_part_in_hold"),
            (not thing.is_open, f"hold_{thing.state}"),
            (author not in allowed, "not_your_step"),
            (disputed and (alone or body.action == "dispute"), "hold_disputed"),
            (author in hold.mediators and not disputed, "hold_not_disputed"),
            (alone and self.clock < (own_time or 0), "hold_too_early"),
            (body.amount is not None and body.amount > hold.amount, "exceeds_hold"),
        ]

    def against_consent(self, author: bytes, body: Consent) -> list[Reason]:
        """List what stands against answering something."""
        if body.instruction in self.posted:
            return [(True, "nothing_to_answer")]
        thing = self.things.get(body.instruction)
        if thing is None:
            return [(True, "unknown_item")]
        if thing.kind == "hold":
            return [(True, "nothing_to_answer")]
        ended: Reason = (not thing.is_open, "already_ended")
        if thing.kind in {"request", "mandate"}:
            sides = (thing.body.payer, thing.body.payee)
            return [ended, (body.agree, "nothing_to_answer"), (author not in sides, "not_yours_to_sign")]
        if ended[0]:
            return [ended]
        others = self.others(thing.author, thing.body)
        signed = author in thing.signed
        wrong: list[Reason] = [(not signed and author not in others, "not_yours_to_sign")]
        if body.agree:
            wrong.append((signed, "already_signed"))
            if others <= {*thing.signed, author}:
                wrong += self.reasons(thing.author, thing.body)
        return wrong

    def others(self, author: bytes, body: Any) -> set[bytes]:
        """Say who must sign beside the author."""
        if isinstance(body, Reversal):
            return {body.payer, body.payee} - {author}
        if not isinstance(body, Resolution):
            return set()
        hold: Hold = self.things[body.hold].body
        if author in hold.mediators:
            return set(hold.mediators) - {author}
        is_part = body.amount is not None and body.amount < hold.amount
        has_claim = hold.payee_posts_from_ms is not None or hold.mediators
        return {hold.payee} if author == hold.payer and is_part and has_claim else set()

    def do(self, identifier: bytes, author: bytes, body: Any) -> str:
        """Do what nothing stands against; give the outcome."""
        if isinstance(body, Transfer):
            self.moves.append((body.payer, body.payee, body.unit, body.amount))
            self.posted[identifier] = body
            request = None if body.purpose is None else body.purpose.request
            if request is not None:
                paid = self.things[request]
                paid.drawn.append(("", body.amount))
                paid.is_open = sum(amount for _, amount in paid.drawn) < paid.body.amount
                paid.state = "part_paid" if paid.is_open else "paid"
            if body.mandate is not None:
                mandate = self.things[body.mandate]
                mandate.drawn.append((_period(mandate.body.period, self.clock), body.amount))
            return "posted"
        if isinstance(body, Reversal):
            self.moves.append((body.payer, body.payee, body.unit, body.amount))
            self.reversed.add(body.transfer)
            return "reversed"
        if isinstance(body, Resolution):
            return self.resolve(body)
        if isinstance(body, Consent):
            return self.answer(author, body)
        if isinstance(body, Hold):
            thing = Thing("hold", "held", body, author, body.expires_ms)
        elif isinstance(body, Request):
            thing = Thing("request", "asked", body, author, body.due_ms + LONGEST_OVERDUE)
        else:
            assert isinstance(body, Mandate), "only these make things"
            thing = Thing("mandate", "allowed", body, author, body.until_ms)
        self.things[identifier] = thing
        return "requested" if thing.kind == "request" else thing.state

    def resolve(self, body: Resolution) -> str:
        """End a hold, or mark it as disputed."""
        thing = self.things[body.hold]
        if body.action == "dispute":
            thing.state = "disputed"
            thing.until = None if thing.body.mediators else thing.until
            return "disputed"
        thing.is_open, thing.state = False, {"post": "posted", "void": "voided"}[body.action]
        if body.action == "post":
            amount = thing.body.amount if body.amount is None else body.amount
            self.moves.append((thing.body.payer, thing.body.payee, thing.body.unit, amount))
        return thing.state

    def answer(self, author: bytes, body: Consent) -> str:
        """Take an answer: the last of the signatures, one of them, or a no."""
        thing = self.things[body.instruction]
        if thing.kind == "mandate":
            thing.is_open, thing.state = False, "ended"
            return "ended"
        if not body.agree:
            withdrawn = thing.kind == "request" and author == thing.body.payee
            thing.is_open, thing.state = False, "withdrawn" if withdrawn else "declined"
            return thing.state
        thing.signed.append(author)
        if not self.others(thing.author, thing.body) <= {*thing.signed}:
            return "signed"
        thing.is_open, thing.state = False, "done"
        return self.do(body.instruction, thing.author, thing.body)


def _same_sides(body: Any, transfer: Transfer) -> bool:
    return bool((body.payer, body.payee, body.unit) == (transfer.payer, transfer.payee, transfer.unit))


def _period(period: str, time_ms: int) -> str:
    """Name the period of a calendar that a time is in."""
    day = dt.datetime.fromtimestamp(time_ms / 1000, dt.UTC).date()
    if period == "day":
        return day.isoformat()
    return day.strftime("%Y-%m") if period == "month" else day.strftime("%G-W%V")
