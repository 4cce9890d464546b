"""The commands that pages show are commands of the program, whatever stands in the records behind them."""

import shlex

import click
import pytest
from msgspec.structs import replace

from cli.main import main
from node.web import commands
from node.web.language import LANGUAGES, words_of
from node.web.reader import Reader
from protocol.identifiers import to_text
from tests.node.web.views import NETWORK, OFFER_BREAD


def parse(line: str) -> list[str]:
    """Let the program read a command line without running it; give the command's name."""
    program, *words = shlex.split(line)
    assert "mutirao" == program
    command: click.Command = main
    context = click.Context(main, info_name=program)
    names = []
    while isinstance(command, click.Group):
        name, found, words = command.resolve_command(context, words)
        assert found is not None, line
        command = found
        names.append(name or "")
    command.make_context(names[-1], words, parent=context)
    return names


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_is_understood(language: str) -> None:
    """The program takes each command as it stands on the page."""
    words = words_of(language)
    shown = commands.commands(NETWORK, words)

    assert ["need", "add"] == parse(shown["need"])
    assert ["offer", "add"] == parse(shown["offer"])
    assert ["member", "add"] == parse(shown["member"])
    assert ["seal", "create"] == parse(shown["seal"])
    assert ["peer", "add"] == parse(shown["peer"])
    answer = commands.add_listing(NETWORK, words, "offer", category="bread", answers=to_text("need", b"n" * 32))
    assert ["offer", "add"] == parse(answer)
    offer = replace(OFFER_BREAD, id=to_text("offer", b"o" * 32))
    reader = Reader(words, now_ms=0, zone=None)
    assert ["order", "place"] == parse(commands.order(NETWORK, reader, offer))


def test_nothing_hostile_reaches_a_shell() -> None:
    """A category out of a record stands quoted, as one word."""
    line = commands.add_listing(NETWORK, words_of("en"), "offer", category="x; rm -rf $HOME `id`", answers="need:x y")

    assert "x; rm -rf $HOME `id`" in shlex.split(line)
    assert "need:x y" in shlex.split(line)
