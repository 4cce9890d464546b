"""The commands by which one writes today, as pages show them: whole, and ready to be copied.

Nothing in them needs care in a shell: what comes from a record is an id of ours or is quoted.

Tests: tests/node/web/test_commands.py
"""

import shlex

from node.services.views import ListingView, NetworkView
from node.web.language import Words
from node.web.reader import Reader


def commands(network: NetworkView, words: Words) -> dict[str, str]:
    """Give the commands for pages that have nothing to show yet.

    Args:
        network: whose server takes them.
        words: names what the reader has to fill in.

    Returns:
        What is written (need, offer, member, seal, peer) → the command.
    """
    title = shlex.quote(words("command.title"))
    return {
        "need": add_listing(network, words, "need"),
        "offer": add_listing(network, words, "offer"),
        "member": f"mutirao member add {shlex.quote(words('command.name'))} {_common(network, words)}",
        "seal": (
            f"mutirao seal create {title} --about {shlex.quote(words('command.about'))} "
            f"--criterion {shlex.quote(words('command.criterion'))} {_common(network, words)}"
        ),
        "peer": f"mutirao peer add https://vizinha.example {_common(network, words)}",
    }


def add_listing(network: NetworkView, words: Words, kind: str, *, category: str = "", answers: str = "") -> str:
    """Give the command that publishes an offer or a need.

    Args:
        network: whose server takes it.
        words: names what the reader has to fill in.
        kind: `offer` or `need`.
        category: the category, or "" for the reader to fill in.
        answers: the need that an offer answers, or "".
    """
    parts = [
        f"mutirao {kind} add {shlex.quote(words('command.title'))}",
        f"--category {shlex.quote(category or words('command.category'))}",
    ]
    if kind == "offer":
        parts.append("--price '12,50 BRL'")
    if answers:
        parts.append(f"--answers {shlex.quote(answers)}")
    return " ".join([*parts, _common(network, words)])


def order(network: NetworkView, reader: Reader, listing: ListingView) -> str:
    """Give the command that orders one of an offer's measure."""
    return f"mutirao order place {shlex.quote(listing.id)} 1 {_common(network, reader.words)}"


def _common(network: NetworkView, words: Words) -> str:
    return f"--node {shlex.quote(network.url)} --key {shlex.quote(words('command.key'))}"
