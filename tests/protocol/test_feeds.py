"""A feed's name is network, name and epoch."""

from __future__ import annotations

import pytest

from protocol.errors import RemoteProtocolError
from protocol.feeds import FeedKey, feed_from_fields


@pytest.mark.parametrize(
    "fields", [(bytes(31), "trust", 0), (bytes(32), "news", 0), (bytes(32), "trust", -1), (1, 2, 3)]
)
def test_feed_names_are_checked(fields: tuple[object, object, object]) -> None:
    """A peer's feed name is checked field by field."""
    with pytest.raises(RemoteProtocolError):
        feed_from_fields(*fields)
    assert FeedKey(bytes(32), "trust", 0) == feed_from_fields(bytes(32), "trust", 0)
