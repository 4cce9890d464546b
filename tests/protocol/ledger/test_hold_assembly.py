"""What is disputed and nobody else can end, the assembly ends: treasurer, minutes, auditor."""

from __future__ import annotations

from protocol.kinds.cash import Minutes
from protocol.kinds.holds import Resolution, ResolutionAction
from protocol.ledger import Instruction
from tests.ledger_builders import consent, instruct, named, opening
from tests.protocol.ledger.test_holds import Ledger, hold, mediated, resolution

MINUTES = Minutes(date="2027-03-14", number="12", hash=named("minutes"))


def decided(of: Instruction, by: str, action: str, amount: int | None = None) -> Instruction:
    """Give what an officer signs for the assembly."""
    body = Resolution(hold=of.id, action=ResolutionAction(action), amount=amount, minutes=MINUTES)
    return instruct(by, body)


def test_the_assembly_decides_what_is_disputed() -> None:
    """A treasurer signs, nothing moves; an auditor consents, and it is done; nobody else may."""
    for of in (mediated(), hold()):
        ledger = Ledger()
        ledger.do(of)
        ledger.do(resolution(of, "ana", "dispute"))
        decision = decided(of, "tina", "post", 12_00)

        assert ledger.do(decision) == "proposed"
        assert ledger.do(consent("carla", decision)) == "not_yours_to_sign"
        assert ledger.do(consent("tina", decision)) not in {"posted", "signed"}
        assert ledger.balances() == (0, 0)
        assert ledger.do(consent("aldo", decision)) == "posted"
        assert (ledger.balances(), ledger.pending("ana")) == ((-12_00, 12_00), (0, 0))


def test_the_network_signs_for_the_assembly_too() -> None:
    """Its own key stands for a treasurer, and an auditor consents all the same."""
    ledger = Ledger()
    ledger.do(hold())
    ledger.do(resolution(hold(), "bento", "dispute"))
    decision = decided(hold(), "vila", "void")

    assert ledger.do(decision) == "proposed"
    assert ledger.do(consent("aldo", decision)) == "voided"


def test_the_assembly_takes_nothing_that_is_not_disputed() -> None:
    """Nor does an officer without minutes, a member with them, or a treasurer who is a side."""
    ledger = Ledger(opening("ana"), opening("bento"), opening("tina"))
    own = hold(5, payee=named("tina"))
    ledger.do(hold())
    ledger.do(own)

    assert ledger.do(decided(hold(), "tina", "post")) == "hold_not_disputed"
    ledger.do(resolution(hold(), "ana", "dispute"))
    ledger.do(resolution(own, "ana", "dispute"))
    assert ledger.do(resolution(hold(), "tina", "post")) == "no_part_in_hold"
    assert ledger.do(decided(hold(), "carla", "post")) == "no_part_in_hold"
    assert ledger.do(decided(own, "tina", "post")) == "not_your_step"
    assert ledger.pending("ana") == (30_05, 0)


def test_the_assembly_comes_too_late_for_what_has_ended() -> None:
    """The payer paid while the auditor read; the consent moves nothing more."""
    ledger = Ledger()
    ledger.do(hold())
    ledger.do(resolution(hold(), "ana", "dispute"))
    decision = decided(hold(), "tina", "void")
    ledger.do(decision)
    ledger.do(resolution(hold(), "ana", "post"))

    assert ledger.do(consent("aldo", decision)) == "hold_posted"
    assert ledger.balances() == (-30_00, 30_00)
