"""From files to checked drafts: everything that can be found wrong without a node is found here, all at once.

Checked are the files' names, every cell, that keys are unique, that what a row names stands before it and is of the
right kind, that who signs has joined, and each body by the rules that the node itself keeps. Nothing is signed or
sent. Source: docs/reference/csv.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cli.amounts import CreditUnit
from cli.errors import UsageProblemError
from cli.importing.cells import Cells
from cli.importing.drafts import Draft, Mention, trial
from cli.importing.problems import Problems, shown
from cli.importing.reading import FILE_BYTES_MAX, Table, read_table
from cli.importing.tables import TABLES, TableKind
from cli.values import ValueProblemError, scaled
from protocol.errors import RemoteProtocolError
from protocol.kinds import read_body

UNIT_EXPONENT_MAX = 6
COLUMNS = {
    "latitude_e6": "latitude",
    "longitude_e6": "longitude",
    "until_ms": "until",
    "unit": "unit_name",
    "price": "price_official",
    "label": "ingredients",
    "limit_low": "credit_low",
    "limit_high": "credit_high",
}
"""Fields of bodies whose column has another name."""


@dataclass(slots=True, kw_only=True)
class Folder:
    """What the files say.

    Attributes:
        drafts: In the order in which they are sent.
        credit: The credit that amounts are read in.
        notes: What the person should know about how files were read.
        problems: Everything that is wrong; nothing may be sent while there is one.
    """

    drafts: list[Draft] = field(default_factory=list)
    credit: CreditUnit
    notes: list[str] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)


def read_folder(paths: Sequence[Path], credit: CreditUnit, known: Mapping[str, str] | None = None) -> Folder:
    """Read and check files.

    Args:
        paths: folders, of which all tables are read, or single files.
        credit: the network's credit as its node shows it; network.csv has the last word.
        known: keys of earlier imports, which rows may name too, with the kind of what each names.

    Raises:
        UsageProblemError: a path can't be read, or holds no table.
    """
    folder = Folder(credit=credit)
    tables = [(TABLES[name], _table(path, folder)) for name, path in _files(paths, folder)]
    for kind, table in tables:
        folder.notes.extend(table.notes)
        if kind.name == "network" and table.rows:
            folder.credit = _credit(folder, table)
    for kind, table in tables:
        _read_rows(folder, kind, table)
    _check_mentions(folder, known or {})
    return folder


def _files(paths: Sequence[Path], folder: Folder) -> list[tuple[str, Path]]:
    found: dict[str, Path] = {}
    for path in _expanded(paths):
        name = path.stem
        if name not in TABLES:
            folder.problems.add(str(path), 0, "", "No table has this name.", f"Tables are {', '.join(TABLES)}.")
        elif name in found:
            folder.problems.add(str(path), 0, "", f"The table is given twice, also as {found[name]}.", "Join the two.")
        else:
            found[name] = path
    if not found and not folder.problems:
        raise UsageProblemError(
            "There is no table to import here.",
            next_step=f"Give a folder with files like agents.csv; tables are {', '.join(TABLES)}.",
        )
    return [(name, found[name]) for name in TABLES if name in found]


def _expanded(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(child for child in path.iterdir() if child.suffix.casefold() == ".csv")
        else:
            yield path


def _table(path: Path, folder: Folder) -> Table:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise UsageProblemError(
            f"{path} can't be read: {error.strerror}.", next_step="Check the name and the rights of the file."
        ) from error
    kind = TABLES[path.stem]
    return read_table(str(path), data, kind.columns, kind.required, folder.problems)


def _credit(folder: Folder, table: Table) -> CreditUnit:
    cells = table.rows[0].cells
    exponent = folder.credit.exponent if "unit_name" not in cells else 2
    if "unit_exponent" in cells:
        try:
            exponent = scaled(cells["unit_exponent"], 0)
        except ValueProblemError as error:
            folder.problems.add(table.file, table.rows[0].line, "unit_exponent", error.message, error.next_step)
    if not 0 <= exponent <= UNIT_EXPONENT_MAX:
        folder.problems.add(
            table.file,
            table.rows[0].line,
            "unit_exponent",
            f"{exponent} decimals can't be kept.",
            f"Write a number from 0 to {UNIT_EXPONENT_MAX}.",
        )
        exponent = 2
    return CreditUnit(
        unit=folder.credit.unit,
        name=cells.get("unit_name", folder.credit.name),
        symbol=cells.get("unit_symbol", folder.credit.symbol),
        exponent=exponent,
    )


def _read_rows(folder: Folder, kind: TableKind, table: Table) -> None:
    for at, row in enumerate(table.rows):
        found = len(folder.problems)
        if kind.name == "network" and at > 0:
            folder.problems.add(table.file, row.line, "", "A folder describes one network.", "Remove this row.")
            continue
        cells = Cells(
            file=table.file,
            row=row,
            credit=folder.credit,
            comma_is_decimal=table.separator != ",",
            problems=folder.problems,
        )
        cells.key()
        drafts = list(kind.drafts(cells))
        if len(folder.problems) == found:
            for draft in drafts:
                _check_body(folder, draft)
        folder.drafts.extend(drafts)


def _check_body(folder: Folder, draft: Draft) -> None:
    body = trial(draft.body)
    if draft.kind == "agent":
        body["keys"] = []
    if draft.kind == "transfer":
        body |= {"ledger": bytes(32), "expires_ms": 1}
    try:
        read_body(draft.kind, body)
    except RemoteProtocolError as error:
        place, _, what = error.message.partition(": ")
        name = place.removeprefix(draft.kind).lstrip(".").partition(".")[0].partition("[")[0]
        first = what.partition(" ")[0].rstrip(":")
        column = name or (first if first in COLUMNS or first in TABLES[draft.step.partition("/")[0]].columns else "")
        folder.problems.add(draft.file, draft.line, COLUMNS.get(column, column), what + ".", error.code.next_step)


def _check_mentions(folder: Folder, known: Mapping[str, str]) -> None:
    """See that every key is unique, and that a row names what stands before it, is of the right kind and can sign."""
    kinds = dict(known)
    places: dict[str, Draft] = {}
    mapped: set[str] = set()
    later = {draft.key for draft in folder.drafts if draft.key}
    for draft in folder.drafts:
        if draft.key:
            if draft.key in places:
                first = places[draft.key]
                folder.problems.add(
                    draft.file,
                    draft.line,
                    "key",
                    f"{shown(draft.key)} is the key of {first.file}, line {first.line}, already.",
                    "Choose another key.",
                )
                continue
            places[draft.key] = draft
            kinds[draft.key] = "network" if draft.step.startswith("network/") else draft.kind
            if draft.is_mapped:
                mapped.add(draft.key)
        for mention in draft.mentions():
            _check_mention(folder, draft, mention, kinds=kinds, mapped=mapped, later=later)


def _check_mention(
    folder: Folder, draft: Draft, mention: Mention, *, kinds: dict[str, str], mapped: set[str], later: set[str]
) -> None:
    def problem(message: str, next_step: str) -> None:
        folder.problems.add(draft.file, draft.line, mention.column, message, next_step)

    if not mention.key:
        return
    kind = kinds.get(mention.key)
    if kind is None:
        if mention.key in later:
            problem(f"{shown(mention.key)} stands further down.", "Move that row above this one.")
        else:
            problem(f"No row has the key {shown(mention.key)}.", "Check the spelling, or add the row.")
    elif mention.kinds and kind not in mention.kinds:
        wanted = " or ".join(sorted(mention.kinds))
        problem(f"{shown(mention.key)} is the key of a {kind}.", f"Name a row that is a {wanted}.")
    elif mention.key in mapped and (mention.column in {"payee", "commission"} or mention.key == draft.author):
        problem(f"{shown(mention.key)} hasn't joined, and so can't sign or be paid.", "Name somebody who has joined.")
