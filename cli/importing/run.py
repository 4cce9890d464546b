"""An import from the files to the report, as `mutirao import` and `mutirao demo` do it.

Tests: tests/cli/commands/test_importing.py
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.amounts import CreditUnit
from cli.errors import FailedCheckError
from cli.importing.book import NAME, Book
from cli.importing.folder import Folder, read_folder
from cli.importing.problems import PROBLEMS_SHOWN_MAX
from cli.importing.work import Import, MemberKeys, Report
from cli.output import Output, counted
from cli.records import Author
from protocol.identifiers import to_text

if TYPE_CHECKING:
    from cli.client import Client


async def import_into(
    client: Client,
    network: Author,
    unit: Mapping[str, Any] | None,
    paths: Sequence[Path],
    member_keys: Path,
    *,
    passphrase: Callable[[Path, bool], str],
    output: Output,
    dry_run: bool = False,
) -> Report:
    """Read tables and publish them.

    Args:
        client: the network's node.
        network: who signs for the network.
        unit: the network's credit as its node shows it, or None.
        paths: folders or files.
        member_keys: the folder of the members' key files, and of the book of what was imported.
        passphrase: gives the passphrase of a key file; its second argument says that the file is new.
        output: where notes and progress go.
        dry_run: only say what would be done.

    Returns:
        What was or would be done; rows that the node refused are in it.

    Raises:
        FailedCheckError: a row is wrong; nothing was done.
    """
    book = Book(member_keys / NAME, to_text("agent", network.home))
    folder = read_folder(paths, CreditUnit.of_network(network.home, unit), book.known())
    for note in folder.notes:
        output.note(note)
    if folder.problems:
        raise _wrong_rows(folder, output)
    work = Import(folder=folder, book=book, network=network, members=MemberKeys(member_keys, passphrase))
    if dry_run:
        return work.foresee()
    count = len(folder.drafts) + sum(len(entry.records) for entry in book.entries.values())
    with output.progress("Publishing", count) as advance:
        return await work.carry_out(client.submit, advance)


def _wrong_rows(folder: Folder, output: Output) -> FailedCheckError:
    found = folder.problems.found
    if not output.json_wanted:
        for problem in found[:PROBLEMS_SHOWN_MAX]:
            output.note(f"  {problem}")
        if len(found) > PROBLEMS_SHOWN_MAX:
            output.note(f"  … and {len(found) - PROBLEMS_SHOWN_MAX} more")
    return FailedCheckError(
        f"The tables are wrong in {counted(len(found), 'place')}; nothing was published.",
        code="rows",
        next_step="Correct them, then import again.",
        details={"problems": [problem.as_json() for problem in found]},
    )
