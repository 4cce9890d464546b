"""Checks say what held, and fail with the sentence that didn't."""

import pytest

from cli.demo.checks import Checks
from cli.errors import FailedCheckError, RefusedError


def test_a_fact_that_holds_is_noted() -> None:
    """The sentence stands in the list, and one that doesn't hold is the failure."""
    checks = Checks()
    checks.that(True, "one is one")

    with pytest.raises(FailedCheckError, match="one is two"):
        checks.that(False, "one is two")
    assert checks.checked == ["one is one"]


async def test_what_needs_a_moment_is_asked_again() -> None:
    """Refusals and empty answers count as "not yet"; the first real answer is given back."""
    checks = Checks()
    answers: list[object] = [RefusedError("not yet"), None, False, "here"]

    async def probe() -> object:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await checks.eventually("it arrives", probe) == "here"
    assert checks.checked == ["it arrives"]


async def test_what_never_comes_fails_with_what_was_said_last() -> None:
    """The time is up, and the node's last words help to find out why."""

    async def probe() -> None:
        raise RefusedError("Nothing of that id is here.")

    with pytest.raises(FailedCheckError, match=r"it arrives \(said last: Nothing of that id"):
        await Checks().eventually("it arrives", probe, seconds=0.05)


async def test_a_refusal_can_be_what_is_wanted() -> None:
    """Being let in is the failure then."""
    checks = Checks()

    async def locked() -> object:
        raise RefusedError("No.", code="forbidden")

    async def open_door() -> object:
        return "come in"

    refusal = await checks.refused("strangers stay out", locked)

    assert refusal.code == "forbidden"
    assert checks.checked == ["strangers stay out (forbidden)"]
    with pytest.raises(FailedCheckError, match="strangers stay out"):
        await checks.refused("strangers stay out", open_door)
