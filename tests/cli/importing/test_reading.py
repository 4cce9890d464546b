"""Files as spreadsheets write them, and as nobody should."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.importing.problems import Problems
from cli.importing.reading import FILE_BYTES_MAX, read_table

COLUMNS = ("key", "name", "city")


def read(data: bytes) -> tuple[list[tuple[int, dict[str, str]]], list[str], list[str]]:
    """The rows, the notes and the problems of a file."""
    problems = Problems()
    table = read_table("a.csv", data, COLUMNS, ("key",), problems)
    return [(row.line, row.cells) for row in table.rows], table.notes, [str(problem) for problem in problems.found]


@pytest.mark.parametrize(
    "data",
    [
        b"key;name\nana;Ana P\xc3\xa3o\n",
        b"key,name\nana,Ana P\xc3\xa3o\n",
        b"key\tname\nana\tAna P\xc3\xa3o\n",
        codecs.BOM_UTF8 + b"key;name\r\nana;Ana P\xc3\xa3o\r\n",
        b'\n\nKEY; Name \n\n ana ;"Ana P\xc3\xa3o"\n;;\n# a remark;x\n',
        codecs.BOM_UTF16_LE + "key;name\nana;Ana Pão\n".encode("utf-16-le"),
        "key;name\nana;Ana Pa\u0303o\n".encode(),
    ],
)
def test_the_usual_forms_are_one_table(data: bytes) -> None:
    """Separators, byte order marks, line ends, blank rows, remarks and composed letters make no difference."""
    rows, notes, problems = read(data)

    assert [cells for _, cells in rows] == [{"key": "ana", "name": "Ana Pão"}]
    assert (notes, problems) == ([], [])


def test_an_older_code_page_is_read_and_said() -> None:
    """Windows-1252 is understood, with a note that names the first line that isn't UTF-8."""
    rows, notes, problems = read("key;name\nbia;Bia\nana;Ana Pão\n".encode("cp1252"))

    assert rows[1][1] == {"key": "ana", "name": "Ana Pão"}
    assert "line 3" in notes[0]
    assert problems == []


def test_a_quoted_cell_may_hold_anything() -> None:
    """Separators, quotation marks and line ends stand inside quotes, and later rows keep their line numbers."""
    rows, _, problems = read(b'key;name\nana;"A;""B""\nC"\nbia;Bia\n')

    assert rows == [(2, {"key": "ana", "name": 'A;"B"\nC'}), (4, {"key": "bia", "name": "Bia"})]
    assert problems == []


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"\x89PNG\r\n\x00\x00", "not a text file"),
        (b"PK\x03\x04\x00\x00", "not a text file"),
        (codecs.BOM_UTF16_LE + b"k\x00e", "UTF-16"),
        (b"key;nome\n", "unknown column"),
        (b"name\n", "lacks the column"),
        (b"key;name;name\n", "twice"),
        (b'key;name\nana;"Ana\n', "split into cells"),
        (b'key;name\nana;"Ana" Maria\n', "split into cells"),
        (b"key;name\nana;Ana;Porto;Alegre\n", "4 cells"),
        (b"key;name\nana;A\x07na\n", "can't be shown"),
        (b"key;name\nana;" + b"a" * 9_000 + b"\n", "9000 letters"),
        (b"k" * (FILE_BYTES_MAX + 1), "larger than"),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_place(data: bytes, wanted: str) -> None:
    """Nothing raises; the problem names the file and says what is wrong and what to do."""
    _, _, problems = read(data)

    assert any(wanted in problem for problem in problems), problems
    assert all(problem.startswith("a.csv") for problem in problems)


def test_problems_name_line_and_column() -> None:
    """A bad cell is named by the line of its row and by its column, and good rows are still read."""
    rows, _, problems = read(b"key;name\nana;Ana\nbia;B\x01ia\ncai;Cai\n")

    assert [cells["key"] for _, cells in rows] == ["ana", "cai"]
    assert problems[0].startswith("a.csv, line 3, column name: ")


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_problems(data: bytes) -> None:
    """No file makes the reader fail in another way."""
    rows, _, problems = read(data)

    assert rows or problems or data


@given(st.binary(max_size=200))
def test_any_bytes_below_a_good_heading(data: bytes) -> None:
    """Whatever stands below a heading, rows hold only known columns and no empty cells."""
    rows, _, _ = read(b"key;name;city\n" + data)

    assert all(set(cells) <= set(COLUMNS) and all(cells.values()) for _, cells in rows)
