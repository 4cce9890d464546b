r"""From the bytes of a CSV file to rows of text.

Understood: UTF-8 with or without a byte order mark, UTF-16 with one, and the Western code page that older
spreadsheets write (Windows-1252, Latin-1), which is said aloud; ``;``, ``,`` or a tab between cells; quoted cells
with line ends inside; any line end. Everything else is a problem with its place, never an exception.

    >>> problems = Problems()
    >>> table = read_table("a.csv", b"handle;name\nana;Ana\n", ("handle", "name"), ("handle",), problems)
    >>> [(row.line, row.cells) for row in table.rows], len(problems)
    ([(2, {'handle': 'ana', 'name': 'Ana'})], 0)

Source: docs/reference/csv.md; RFC 4180.
"""

import codecs
import csv
import io
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from cli.importing.problems import Problems, shown

FILE_BYTES_MAX = 16 * 1024 * 1024
"""No list that a network keeps by hand comes near; it bounds memory."""
ROWS_MAX = 50_000
CELL_CHARACTERS_MAX = 8_000
"""More than the text of any record may have (16 KiB of UTF-8 with everything beside it)."""
SEPARATORS = ";,\t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: the line of the file in which it begins, and its cells without outer spaces; empty ones are left out."""

    line: int
    cells: dict[str, str]


@dataclass(slots=True, kw_only=True)
class Table:
    """A file that was read: its rows, and what the person should know about how it was read."""

    file: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    separator: str = ";"


def read_table(file: str, data: bytes, columns: Sequence[str], required: Collection[str], problems: Problems) -> Table:
    """Read one file.

    Args:
        file: its name, for messages.
        data: its bytes.
        columns: the names that the heading may have.
        required: the names that it must have.
        problems: is given everything that is wrong.

    Returns:
        The rows that have the right number of cells; none when the file as a whole can't be read.
    """
    table = Table(file=file)
    text = _decode(table, data, problems)
    if text is None:
        return table
    table.separator = _separator(text)
    lines = _lines(table, text, problems)
    heading = next(lines, None)
    if heading is None:
        if not problems:
            problems.add(file, 0, "", "The file is empty.", f"Write the heading: {';'.join(columns)}.")
        return table
    names = _heading(table, heading[1], columns, required, problems)
    if names is None:
        return table
    for line, cells in lines:
        if len(table.rows) >= ROWS_MAX:
            problems.add(file, line, "", f"The file has more than {ROWS_MAX} rows.", "Split it in several files.")
            break
        row = _row(table, line, cells, names, problems)
        if row is not None:
            table.rows.append(row)
    return table


def _decode(table: Table, data: bytes, problems: Problems) -> str | None:
    if len(data) > FILE_BYTES_MAX:
        mebibytes = FILE_BYTES_MAX // (1024 * 1024)
        problems.add(table.file, 0, "", f"The file is larger than {mebibytes} MiB.", "Split it in several files.")
        return None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\x00" in data:
        problems.add(
            table.file, 0, "", "This is not a text file.", "Save the sheet as “CSV UTF-8”, then import that file."
        )
        return None
    else:
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    if encoding == "utf-16":
        problems.add(table.file, 0, "", "The file is cut off or damaged (UTF-16).", "Save it again as “CSV UTF-8”.")
        return None
    text = data.decode("cp1252", errors="replace").replace("\ufffd", " ")
    table.notes.append(
        f"{table.file} isn't UTF-8 (first at line {line}); it was read as Windows-1252. "
        "Check the accents, or save it as “CSV UTF-8”."
    )
    return text


def _separator(text: str) -> str:
    """The separator that stands most often in the heading outside quotes; ``;`` when there is only one column."""
    heading = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(heading.split('"')[::2])
    return max(SEPARATORS, key=outside.count)


def _lines(table: Table, text: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Split a text into rows that are neither blank nor a remark (``#``), each with the line in which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=table.separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            problems.add(
                table.file,
                line,
                "",
                f"The row that begins here can't be split into cells ({error}).",
                'Close every quotation mark; a quotation mark inside a cell is written twice ("").',
            )
            return
        if cells is None:
            return
        if any(cell.strip() for cell in cells) and not cells[0].startswith("#"):
            yield line, [cell.strip() for cell in cells]


def _heading(
    table: Table, cells: list[str], columns: Sequence[str], required: Collection[str], problems: Problems
) -> list[str] | None:
    names = [cell.casefold().replace(" ", "_") for cell in cells]
    while names and not names[-1]:
        names.pop()
    found = len(problems)
    for name in names:
        if name not in columns:
            problems.add(
                table.file, 1, "", f"The heading has an unknown column {shown(name)}.", f"Known: {', '.join(columns)}."
            )
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add(table.file, 1, name, "The column stands there twice.", "Remove one of the two.")
    for name in required:
        if name not in names:
            problems.add(
                table.file, 1, "", f"The heading lacks the column {shown(name)}.", f"Add it: {', '.join(columns)}."
            )
    return names if len(problems) == found else None


def _row(table: Table, line: int, cells: list[str], names: list[str], problems: Problems) -> Row | None:
    while len(cells) > len(names) and not cells[-1]:
        cells.pop()
    if len(cells) > len(names):
        problems.add(
            table.file,
            line,
            "",
            f"The row has {len(cells)} cells, the heading {len(names)}.",
            f"Put a cell that has a {table.separator!r} inside between quotation marks.",
        )
        return None
    good = True
    for name, cell in zip(names, cells, strict=False):
        if len(cell) > CELL_CHARACTERS_MAX:
            problems.add(table.file, line, name, f"The cell has {len(cell)} letters.", "Shorten the text.")
            good = False
        elif _unprintable(cell):
            problems.add(
                table.file,
                line,
                name,
                f"The cell has a letter that can't be shown: {shown(ascii(cell))}.",
                "Type the text again.",
            )
            good = False
    if not good:
        return None
    return Row(
        line=line,
        cells={name: unicodedata.normalize("NFC", cell) for name, cell in zip(names, cells, strict=False) if cell},
    )


def _unprintable(cell: str) -> bool:
    return any(unicodedata.category(letter) in {"Cc", "Cs", "Co"} and letter not in "\n\r\t" for letter in cell)
