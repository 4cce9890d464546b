"""What a command prints: tables for people, JSON for programs, progress on long work.

Rules: results go to standard output and everything said on the way to standard error, so that a pipe only carries
results; with ``--json`` every answer, an error included, is JSON on standard output; ids are shown in full, since a
person copies them. Control characters that came from a node are never sent to the terminal.
Source: DESIGN §11, STYLE rule 17.
"""

import json
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from cli.errors import CliError

GAP = "  "
COLUMN_WIDTH_MIN = 8
Advance = Callable[[int], None]


class Output:
    """The one place from which commands print.

    Args:
        json_wanted: print JSON in place of tables and sentences.
    """

    def __init__(self, *, json_wanted: bool = False) -> None:
        self.json_wanted = json_wanted

    def result(self, value: Any, text: str | Sequence[str] = "") -> None:
        """Print the result of a command: ``value`` as JSON, or ``text`` for a person.

        Args:
            value: anything that JSON can say.
            text: the same for a reader; one string or one a line.
        """
        if self.json_wanted:
            click.echo(to_json(value))
            return
        for line in text.splitlines() if isinstance(text, str) else text:
            if line:
                click.echo(plain(line))

    def table(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[tuple[str, str]], *, empty: str) -> None:
        """Print rows as a table, or as a JSON array of the whole rows.

        Args:
            rows: one mapping a row; in JSON everything in it is printed.
            columns: pairs of key and heading, in the order in which they are shown.
            empty: the sentence to show when there is no row.
        """
        if self.json_wanted:
            click.echo(to_json(list(rows)))
            return
        if not rows:
            click.echo(empty)
            return
        for line in table_lines(rows, columns, width=_terminal_width()):
            click.echo(line)

    def script(self, value: Any, text: str) -> None:
        """Print a text of our own exactly as it is, or ``value`` as JSON."""
        click.echo(to_json(value) if self.json_wanted else text)

    def line(self, value: Mapping[str, Any], text: str) -> None:
        """Print one step of work that goes on: a JSON object on one line, or a sentence."""
        click.echo(json.dumps(value, ensure_ascii=False, default=str) if self.json_wanted else text)
        sys.stdout.flush()

    def note(self, text: str) -> None:
        """Say something on the way; never part of the result."""
        click.echo(plain(text), err=True)

    def error(self, error: CliError) -> None:
        """Print how a command failed, and what to do next."""
        if self.json_wanted:
            shape: dict[str, Any] = {
                "code": error.code,
                "message": error.message,
                "next_step": error.next_step,
            }
            if error.details:
                shape["details"] = error.details
            click.echo(to_json({"error": shape}))
            return
        click.echo(f"{click.style('Error:', bold=True)} {plain(error.message)}", err=True)
        if error.next_step:
            click.echo(f"  {plain(error.next_step)}", err=True)

    @contextmanager
    def progress(self, label: str, length: int) -> Iterator[Advance]:
        """Show a progress bar on standard error while the block runs.

        Args:
            label: what is being done.
            length: how many steps there are.

        Yields:
            A function that is called with the number of steps done since the last call.
        """
        if self.json_wanted or length <= 0 or not sys.stderr.isatty():
            yield lambda _steps: None
            return
        with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
            yield bar.update

    @contextmanager
    def steps(self, label: str) -> Iterator[Callable[[str], None]]:
        """Name on standard error what is being done, on one line that changes, while the block runs.

        Args:
            label: what is being done all the time.

        Yields:
            A function that is called with the name of each part before it begins.
        """
        is_watched = not self.json_wanted and sys.stderr.isatty()

        def begin(part: str) -> None:
            if is_watched:
                click.echo(f"\r\x1b[K{label}: {plain(part)} …", err=True, nl=False)

        yield begin
        if is_watched:
            click.echo("\r\x1b[K", err=True, nl=False)


def to_json(value: Any) -> str:
    """Write a value as JSON for a person or a program, with accents as they are."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def plain(text: str) -> str:
    """Make a text safe for one line of a terminal: no control characters, no escape sequences."""
    return "".join(" " if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else letter for letter in text)


def width_of(text: str) -> int:
    """Count the columns that a text takes on a terminal."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    narrow = sum(bool(unicodedata.combining(letter)) for letter in text)
    return len(text) + wide - narrow


def counted(number: int, one: str, many: str = "") -> str:
    """Write a number with its noun.

    >>> counted(1, "row"), counted(2, "row"), counted(0, "entry", "entries")
    ('1 row', '2 rows', '0 entries')
    """
    return f"{number} {one if number == 1 else many or one + 's'}"


def table_lines(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[tuple[str, str]], *, width: int | None
) -> list[str]:
    """Lay rows out under their headings.

    Args:
        rows: one mapping a row; a missing value is shown as nothing.
        columns: pairs of key and heading. A heading that ends in ``>`` aligns its column to the right.
        width: the columns of the terminal, or None for no bound. The longest texts are shortened first, ids never.

    Returns:
        The heading, a rule and one line a row.
    """
    headings = [heading.removesuffix(">") for _, heading in columns]
    right = [heading.endswith(">") for _, heading in columns]
    cells = [[plain(_shown(row.get(key))) for key, _ in columns] for row in rows]
    widths = [max(map(width_of, column)) for column in zip(headings, *cells, strict=True)]
    keep = [key in {"id", "key", "agent", "network"} for key, _ in columns]
    if width is not None:
        widths = _shrink(widths, keep, width - len(GAP) * (len(columns) - 1))
    rule = ["─" * one for one in widths]
    lines = [[*headings], rule, *cells]
    return [
        GAP.join(_fit(cell, one, to_right=side) for cell, one, side in zip(line, widths, right, strict=True)).rstrip()
        for line in lines
    ]


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value))
    return str(value)


def _fit(text: str, width: int, *, to_right: bool) -> str:
    if width_of(text) > width:
        text = text[: max(0, width - 1)] + "…"
    padding = " " * (width - width_of(text))
    return padding + text if to_right else text + padding


def _shrink(widths: Sequence[int], keep: Sequence[bool], room: int) -> list[int]:
    """Shorten the widest columns until they fit, or until only kept and short ones are left."""
    shrunk = list(widths)
    while sum(shrunk) > room:
        candidates = [at for at, one in enumerate(shrunk) if not keep[at] and one > COLUMN_WIDTH_MIN]
        if not candidates:
            break
        widest = max(candidates, key=lambda at: shrunk[at])
        shrunk[widest] -= 1
    return shrunk


def _terminal_width() -> int | None:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
