"""Every code explains itself, and errors and refusals say the same."""

from __future__ import annotations

from protocol.errors import Code, MutiraoError, Refusal, RemoteProtocolError


def test_every_code_explains_itself() -> None:
    """A code has a wire form of its own, an explanation and a next step."""
    assert len({code.value for code in Code}) == len(Code)
    for code in Code:
        assert code.value == code.name.lower()
        assert code.explanation.endswith((".", "!"))
        assert code.next_step.endswith(".")


def test_an_error_becomes_a_refusal() -> None:
    """The refusal of an error has its code, its message and the code's next step."""
    error = RemoteProtocolError(Code.STALE, "revision 3 replaced it")

    assert error.refusal() == Refusal("stale", "revision 3 replaced it", Code.STALE.next_step)
    assert str(RemoteProtocolError(Code.STALE)) == Code.STALE.explanation
    assert isinstance(error, MutiraoError)
