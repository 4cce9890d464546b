"""Posts: stories, messages, guides and campaigns.

Source: spec/03-records R-70.
"""

from __future__ import annotations

from enum import StrEnum

from protocol.kinds.fields import Body, Id, Line, Text


class PostType(StrEnum):
    """What a post is."""

    STORY = "story"
    MESSAGE = "message"
    GUIDE = "guide"
    CAMPAIGN = "campaign"


class Post(Body, frozen=True):
    """Something to read.

    Attributes:
        type: What it is.
        title: One line.
        text: Plain text; line breaks part its paragraphs.
        about: The thing or agent that it is about.
    """

    type: PostType
    title: Line
    text: Text
    about: Id | None = None
