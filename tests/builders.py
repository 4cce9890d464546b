"""Valid records for tests, and the usual ways to break them.

Everything is derived from names, so that the same test makes the same bytes: the agent "maria" of the network "vila"
has the same keys and id everywhere. Times run from `NOW_MS` on.

Length: one full body of every kind is read as one list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from protocol import codec, keys, record
from protocol.identifiers import base32
from protocol.record import Header, Part, Record

NOW_MS = 1_795_000_000_000
"""A morning in November 2026."""

DAY_MS = 24 * 3600 * 1000


def named(name: str) -> bytes:
    """Give 32 bytes that stand for a name."""
    return hashlib.sha256(name.encode()).digest()


@cache
def public(name: str) -> bytes:
    """Give the public signing key of the device of that name."""
    return keys.public_of(named(name))


@cache
def device(name: str) -> dict[str, bytes]:
    """Give the two public keys of the device of that name, as an `agent` record lists them."""
    return {"sign": public(name), "seal": keys.sealing_public_of(named(f"{name} sealing"))}


def signed(
    kind: str,
    body: Mapping[str, Any] | None,
    *,
    by: str,
    author: bytes | None,
    home: bytes | None,
    to: tuple[bytes, ...] = (),
    thing: bytes | None = None,
    previous: bytes | None = None,
    created_ms: int = NOW_MS,
    sealed: bytes | None = None,
) -> Record:
    """Give a record signed by the device `by`, its salt derived from what it says."""
    header = Header(
        kind=kind,
        author=author,
        key=public(by),
        home=home,
        to=tuple(sorted(to)),
        created_ms=created_ms,
        thing=thing,
        previous=previous,
    )
    salt = named(f"salt {kind} {by} {body!r} {created_ms}")[:16]
    sealed_salt = None if sealed is None else named("sealed salt")[:16]
    return record.create(header, body, seed=named(by), salt=salt, sealed=sealed, sealed_salt=sealed_salt)


class Network:
    """A network with its first records, and short ways to make more of them.

    Attributes:
        name: Also the name of its record key.
        agent: Leaf 0 of its trust feed.
        epoch: Leaf 1.
        id: Its agent id.
        unit: The unit of its credit.
    """

    def __init__(self, name: str) -> None:
        """Make the first two records of the network."""
        self.name = name
        self._members: dict[str, Record] = {}
        body = {"type": "network", "keys": [device(name)], "recovery": device(f"{name} recovery")}
        self.agent = signed("agent", body, by=name, author=None, home=None)
        self.id = self.agent.id
        self.epoch = self.by_network("epoch", epoch_body(name))
        self.unit = f"agent:{base32(self.id)}"

    def by_network(self, kind: str, body: Mapping[str, Any] | None, **header: Any) -> Record:
        """Give a record that the network signs."""
        return signed(kind, body, by=self.name, author=self.id, home=self.id, **header)

    def member(self, name: str, kind: str = "person") -> Record:
        """Give the first `agent` record of a member, signed by its own device; of the kind first asked for."""
        if name not in self._members:
            body = {"type": kind, "keys": [device(name)]}
            self._members[name] = signed("agent", body, by=name, author=None, home=self.id)
        return self._members[name]

    def mapped(self, name: str, kind: str = "public_body") -> Record:
        """Give the first `agent` record of somebody who hasn't joined."""
        salt = NOW_MS + len(name)
        return self.by_network("agent", {"type": kind, "keys": []}, created_ms=salt)

    def membership(self, agent: bytes, *roles: str, state: str = "active", **header: Any) -> Record:
        """Give the membership of an agent."""
        return self.by_network(
            "membership", {"agent": agent, "roles": list(roles or ("member",)), "state": state}, **header
        )

    def by(self, name: str, kind: str, body: Mapping[str, Any] | None, **header: Any) -> Record:
        """Give a record that the member of that name signs."""
        return signed(kind, body, by=name, author=self.member(name).id, home=self.id, **header)


def epoch_body(name: str, number: int = 0) -> dict[str, Any]:
    """Give the body of an epoch whose node keys are derived from a name."""
    return {
        "number": number,
        "keys": {use: public(f"{name} {use}") for use in ("checkpoint", "cosignature", "credential", "link")},
        "witnesses": [],
        "inherited": {},
    }


@cache
def _vila() -> Network:
    return Network("vila")


def brl(amount: int) -> dict[str, Any]:
    """Give an amount of reais, in centavos."""
    return {"unit": "BRL", "amount": amount}


def bodies(network: Network | None = None) -> dict[str, dict[str, Any]]:
    """Give one full valid body of every kind; ids that they name are `named(...)`."""
    unit = (network or _vila()).unit
    return {
        **_agent_bodies(),
        **_catalogue_bodies(unit),
        **_acting_bodies(unit),
        **_cash_bodies(),
        **_treasury_bodies(unit),
        **_hold_bodies(unit),
    }


def _agent_bodies() -> dict[str, dict[str, Any]]:
    return {
        "agent": {"type": "person", "keys": [device("maria"), device("maria laptop")]},
        "epoch": epoch_body("vila"),
        "profile": {
            "agent": named("maria"),
            "name": "Maria das Dores Nunes",
            "about": "Faz geleia de bergamota.",
            "city": "São Leopoldo",
            "state": "RS",
            "latitude_e6": -29_760_900,
            "longitude_e6": -51_148_100,
            "contact": "na feira",
            "categories": ["preserves"],
            "unit": {"name": "sabiá", "symbol": "SB", "exponent": 2},
            "colour": "#b4552d",
            "language": "pt-BR",
        },
        "membership": {"agent": named("maria"), "roles": ["member", "treasurer"], "state": "active"},
    }


def _catalogue_bodies(unit: str) -> dict[str, dict[str, Any]]:
    price = [brl(650), {"unit": unit, "amount": 400}]
    return {
        "item": {
            "name": "Pão de trigo integral",
            "category": "bread",
            "measure": "KGM",
            "about": "Fermentação de um dia.",
            "label": {"ingredients": "trigo, água, sal", "validity_days": 5},
            "packs": [{"measure": "XBX", "quantity": 6000}],
        },
        "place": {
            "name": "Feira da Esperança",
            "type": "fair",
            "address": "Praça das Paineiras",
            "latitude_e6": -29_760_350,
            "longitude_e6": -51_147_250,
            "hours": "sábados, 7h às 12h",
        },
        "offer": {
            "title": "Pão de trigo integral",
            "category": "bread",
            "measure": "KGM",
            "price": price,
            "per": 1000,
            "quantity": 40_000,
            "about": "Assado às sextas.",
            "item": named("item"),
            "answers": named("need"),
            "place": named("place"),
            "until_ms": NOW_MS + 90 * DAY_MS,
            "composition": [
                {"part": "inputs", "unit": "BRL", "amount": 300, "cites": named("wheat"), "note": "trigo da serra"},
                {"part": "work", "unit": unit, "amount": 400},
            ],
        },
        "need": {
            "title": "Pão para a merenda",
            "category": "bread",
            "measure": "KGM",
            "firmness": "recurring",
            "quantity": 80_000,
            "about": "Toda semana.",
            "price": [brl(700)],
            "per": 1000,
            "until_ms": NOW_MS + 30 * DAY_MS,
            "place": named("place"),
        },
    }


def _acting_bodies(unit: str) -> dict[str, dict[str, Any]]:
    return {
        "order": order_body(named("offer"), named("offer"), seller=named("seller"), buyer=named("buyer")),
        "event": {
            "order": named("order"),
            "action": "accepted",
            "rows": [{"row": 0, "quantity": 10_000}],
            "corrects": named("event"),
            "note": "sai na sexta",
        },
        "seal": {
            "name": "Feito na Vila",
            "about": "Feito aqui, por quem decide junto.",
            "criteria": ["decisões em assembleia", "preço aberto"],
            "commission": named("commission"),
            "quorum": 2,
            "months": 12,
        },
        "attestation": {
            "type": "visit",
            "subject": named("padaria"),
            "seal": named("seal"),
            "result": "pass",
            "minutes": named("minutes"),
            "note": "forno limpo",
            "conflict": True,
        },
        "post": {"type": "story", "title": "O forno", "text": "Em 2009 …\n\nHoje …", "about": named("padaria")},
        "account": {
            "account": named("maria"),
            "action": "open",
            "limit_low": -30_000,
            "limit_high": 90_000,
            "reason": "ata 41",
            "type": "member",
            "unit": unit,
        },
        "consent": {"instruction": named("hold"), "agree": False, "text": "Não combinamos isso."},
        "transfer": {
            "ledger": named("vila"),
            "payer": named("maria"),
            "payee": named("padaria"),
            "amount": 1250,
            "unit": unit,
            "expires_ms": NOW_MS + DAY_MS,
            "purpose": {"order": named("order"), "request": named("request"), "text": "pão"},
            "nonce": b"\x01",
            "official": brl(650),
        },
        **_asking_bodies(unit),
    }


def _asking_bodies(unit: str) -> dict[str, dict[str, Any]]:
    between = {"ledger": named("vila"), "payer": named("maria"), "payee": named("padaria"), "unit": unit}
    return {
        "request": {
            **between,
            "amount": 3000,
            "due_ms": NOW_MS + 2 * DAY_MS,
            "purpose": {"order": named("order"), "text": "queijo"},
            "instalments": [
                {"due_ms": NOW_MS + DAY_MS, "amount": 1000},
                {"due_ms": NOW_MS + 2 * DAY_MS, "amount": 2000},
            ],
            "official": brl(650),
            "nonce": b"\x02",
        },
        "mandate": {
            **between,
            "amount": 4000,
            "period": "month",
            "until_ms": NOW_MS + 300 * DAY_MS,
            "text": "energia",
            "nonce": b"\x03",
        },
        "reversal": {
            **between,
            "transfer": named("transfer"),
            "amount": 1250,
            "text": "pago duas vezes",
            "nonce": b"\x04",
        },
    }


def _hold_bodies(unit: str) -> dict[str, dict[str, Any]]:
    return {
        "hold": {
            "ledger": named("vila"),
            "payer": named("maria"),
            "payee": named("padaria"),
            "amount": 1250,
            "unit": unit,
            "expires_ms": NOW_MS + 30 * DAY_MS,
            "purpose": {"order": named("order"), "text": "pão"},
            "payee_posts_from_ms": NOW_MS + 10 * DAY_MS,
            "mediators": [named("ana"), named("bia")],
        },
        "resolution": {
            "hold": named("hold"),
            "action": "post",
            "amount": 1000,
            "text": "veio menos",
            "minutes": {"date": "2027-03-14", "number": "12", "hash": named("minutes")},
        },
    }


def _cash_bodies() -> dict[str, dict[str, Any]]:
    return {
        "cash": {
            "box": "Caixa da feira",
            "direction": "in",
            "amount": 12_000,
            "unit": "BRL",
            "purpose": "200 kg de arroz",
            "at_ms": NOW_MS - DAY_MS,
            "who": named("maria"),
            "round": named("offer"),
        },
        "count": {
            "box": "Caixa da feira",
            "unit": "BRL",
            "counted": 12_050,
            "at_ms": NOW_MS - DAY_MS,
            "denominations": [{"value": 5000, "pieces": 2}, {"value": 50, "pieces": 41}],
            "second": named("bento"),
            "note": "sobraram 50 centavos",
        },
        "closing": {
            "until_ms": NOW_MS - DAY_MS,
            "size": 12,
            "minutes": {"date": "2026-11-20", "number": "41", "hash": named("minutes")},
            "auditors": [named("alma"), named("abel")],
            "balances_hash": named("balances"),
        },
    }


def _treasury_bodies(unit: str) -> dict[str, dict[str, Any]]:
    return {
        "rule": {
            "type": "circulation",
            "title": "Contribuição de circulação",
            "minutes": {"date": "2027-03-14", "number": "12", "hash": named("minutes")},
            "unit": unit,
            "payee": named("fund"),
            "amount": 5_000,
            "per_mille": 5,
            "above": 20_000,
            "replaces": named("rule"),
            "until_ms": NOW_MS + 365 * DAY_MS,
        },
        "posting": {
            "type": "circulation",
            "lines": [{"payer": named("maria"), "amount": 120, "text": "maio"}],
            "rule": named("rule"),
            "period": "2027-05",
            "minutes": {"date": "2027-03-14", "number": "12", "hash": named("minutes")},
            "unit": unit,
            "text": "Contribuição de maio",
        },
    }


def order_body(offer: bytes, offer_record: bytes, *, seller: bytes, buyer: bytes, kilos: int = 10) -> dict[str, Any]:
    """Give the body of an order of one row of bread."""
    row = {"title": "Pão", "measure": "KGM", "quantity": kilos * 1000, "price": [brl(650)], "per": 1000}
    return {"offer": offer, "offer_record": offer_record, "seller": seller, "buyer": buyer, "rows": [row]}


def forged(original: Record) -> Record:
    """Give the record with one bit of its signature turned."""
    return replace(original, signature=bytes([original.signature[0] ^ 1]) + original.signature[1:])


def with_body(original: Record, body: Mapping[str, Any]) -> bytes:
    """Give the record's bytes with another body under the old signature."""
    part = Part(named("other")[:16], codec.encode(body))
    return record.encode_record(replace(original, body=part))


def broken_encodings(original: Record) -> dict[str, bytes]:
    """Give the record's bytes broken in each of the ways that a hostile sender would try first."""
    data = record.encode_record(original)
    header = codec.decode_flat(original.header_bytes)
    return {
        "empty": b"",
        "truncated": data[:-1],
        "trailing": data + b"\x00",
        "map": codec.encode({"header": original.header_bytes}),
        "three": codec.encode([original.header_bytes, None, None]),
        "short signature": codec.encode([original.header_bytes, None, None, original.signature[:-1]]),
        "long header": codec.encode([codec.encode([*header, None]), None, None, original.signature]),
        "text id": codec.encode([codec.encode([*header[:2], "x" * 32, *header[3:]]), None, None, original.signature]),
        "wide integer": data[:1] + b"\xc5\x00" + data[2:],
        "too large": data + bytes(20_000),
    }
