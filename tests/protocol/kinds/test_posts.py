"""Posts hold what their rules say."""

from __future__ import annotations

import pytest

from protocol.errors import Code, RemoteProtocolError
from protocol.kinds import read_body
from protocol.limits import TEXT_CHARS_MAX
from tests.builders import bodies


@pytest.mark.parametrize(
    ("field", "value"),
    [("type", "advert"), ("title", ""), ("text", ""), ("text", "x" * (TEXT_CHARS_MAX + 1)), ("text", "\x07")],
)
def test_a_post_has_bounds(field: str, value: str) -> None:
    """A post is of a known type and has a title and a text of bounded length."""
    with pytest.raises(RemoteProtocolError) as caught:
        read_body("post", {**bodies()["post"], field: value})

    assert caught.value.code == Code.OUT_OF_RANGE


def test_a_text_may_be_long() -> None:
    """A text of the full length is read."""
    assert read_body("post", {**bodies()["post"], "text": "á" * TEXT_CHARS_MAX}) is not None
