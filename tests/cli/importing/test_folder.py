"""Whole folders: what is right becomes drafts, what is wrong is named by file, line and column."""

import re
from pathlib import Path

import pytest

from cli.amounts import CreditUnit
from cli.errors import UsageProblemError
from cli.importing.drafts import Mention
from cli.importing.folder import Folder, read_folder
from cli.importing.tables import TABLES
from tests.tools import tree

CREDIT = CreditUnit.of_network(bytes(32), None)
NETWORK = "key;name;unit_name;unit_symbol;unit_exponent\nvila;Vila;Sabiá;SB;2\n"
AGENTS = "key;type;name;credit_low;credit_high\nana;person;Ana;-300;900\npadaria;enterprise;Padaria;;\n"


def folder_of(path: Path, **files: str) -> Folder:
    """Write tables into a folder and read it."""
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_folder([path], CREDIT)


def problems_of(path: Path, **files: str) -> list[str]:
    """The problems of a folder, with the file's name in place of its path."""
    found = folder_of(path, **files).problems.found
    return [str(problem).replace(str(path) + "/", "") for problem in found]


def test_rows_become_drafts_in_the_order_of_the_tables(tmp_path: Path) -> None:
    """Agents stand before what they offer, needs before the offers that answer them."""
    folder = folder_of(
        tmp_path,
        offers="key;agent;title;category;measure;price_official;price_credit;answers\n"
        "pao;padaria;Pão;bread;kg;9,00;2,00;quero-pao\n",
        needs="key;agent;title;category;measure;quantity\nquero-pao;ana;Pão para a merenda;pão;kg;12,5\n",
        agents=AGENTS,
        network=NETWORK,
    )

    assert not folder.problems, [str(problem) for problem in folder.problems.found]
    assert [draft.step for draft in folder.drafts] == [
        "network/vila",
        "agents/ana",
        "agents/ana/membership",
        "agents/ana/profile",
        "agents/ana/account",
        "agents/padaria",
        "agents/padaria/membership",
        "agents/padaria/profile",
        "needs/quero-pao",
        "offers/pao",
    ]
    offer = folder.drafts[-1].body
    assert offer["price"] == [{"unit": "BRL", "amount": 900}, {"unit": CREDIT.unit, "amount": 200}]
    assert offer["answers"] == Mention("quero-pao", "answers", frozenset({"need"}))


def test_the_sample_federation_has_no_problem() -> None:
    """The project's own tables keep the rules that they are to show."""
    for path in sorted((tree.ROOT / "node" / "sample").iterdir()):
        folder = read_folder([path], CREDIT)

        assert [str(problem) for problem in folder.problems.found] == []
        assert folder.drafts


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"agents": "key;type;name\nana;persn;Ana\n"}, "agents.csv, line 2, column type: “persn”"),
        ({"agents": "key;type;name\n;person;Ana\n"}, "agents.csv, line 2, column key: The cell is empty"),
        ({"agents": "key;type;name\nAna B;person;Ana\n"}, "line 2, column key: “Ana B” is no key"),
        ({"agents": AGENTS + "ana;person;Ana;;\n"}, "agents.csv, line 4, column key: “ana” is the key of"),
        ({"agents": "key;type;name;latitude\nana;person;Ana;-22,9\n"}, "line 2, column latitude"),
        (
            {"agents": "key;type;name;latitude;longitude\nana;person;Ana;122,9;1\n"},
            "line 2, column latitude",
        ),
        ({"agents": "key;type;name;roles\nana;person;Ana;king\n"}, "column roles: “king” is no role"),
        ({"agents": "key;type;name;credit_low\nana;person;Ana;300\n"}, "column credit_low"),
        ({"agents": "key;type;name;joined;roles\nana;person;Ana;mapped;clerk\n"}, "column roles"),
        ({"agents": "key;type;name;joined\nana;person;Ana;perhaps\n"}, "column joined"),
        ({"needs": "key;agent;title;category;measure\nx;ana;Pão;bread;kg\n"}, "column agent: No row has the key “ana”"),
        ({"needs": "key;agent;title;category;measure\nx;ana;Pão;bred;kg\n"}, "column category: “bred” is no category"),
        ({"needs": "key;agent;title;category;measure\nx;ana;Pão;bread;stone\n"}, "column measure: “stone”"),
        ({"needs": "key;agent;title;category;measure;until\nx;ana;P;bread;kg;soon\n"}, "column until: “soon”"),
        ({"needs": "key;agent;title;category;measure;quantity\nx;ana;P;bread;kg;1.500\n"}, "column quantity"),
        ({"needs": "key;agent;title;category;measure;quantity\nx;ana;P;bread;kg;0\n"}, "column quantity"),
        ({"needs": "key;agent;title;category;measure;place\nx;ana;P;bread;kg;ana\n"}, "column place: “ana” is the key"),
        (
            {"offers": "key;agent;title;category;measure;item\nx;ana;P;bread;kg;offer:zzz\n"},
            "column item",
        ),
        (
            {
                "offers": "key;agent;title;category;measure;price_official;composition\n"
                "x;ana;P;bread;kg;9,00;work=10,00 BRL\n"
            },
            "column composition",
        ),
        ({"seals": "key;agent;name;about;criteria;commission;quorum;months\ns;ana;S;a;c;ana;0;12\n"}, "column quorum"),
        ({"transfers": "key;payer;payee;amount\nt;ana;padaria;-3\n"}, "column amount"),
        ({"transfers": "key;payer;payee;amount\nt;ana;padaria;0,001\n"}, "column amount"),
        ({"posts": "key;agent;type;title;text;about\np;ana;story;a;b;later\n"}, "column about"),
        ({"network": NETWORK + "serra;Serra;;;\n"}, "network.csv, line 3"),
        ({"network": "key;name;unit_name;unit_exponent\nvila;Vila;S;9\n"}, "column unit_exponent"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, files: dict[str, str], wanted: str) -> None:
    """File, line, column, what stands there, and what to do."""
    if "agents" not in files and not wanted.endswith("No row has the key “ana”"):
        files = {"agents": AGENTS, **files}
    found = problems_of(tmp_path, **files)

    assert any(wanted in problem for problem in found), found
    assert all(re.search(r"[.…] [A-Z“].+\.$", problem) for problem in found), found


def test_all_problems_are_found_at_once(tmp_path: Path) -> None:
    """One run shows every wrong row of every file."""
    found = problems_of(
        tmp_path,
        agents="key;type;name\nana;persn;Ana\nbia;person;\n",
        needs="key;agent;title;category;measure\nx;ana;P;bred;kg\n",
    )

    assert len(found) == 3


def test_who_has_not_joined_cannot_sign(tmp_path: Path) -> None:
    """A mapped agent has no keys, so it offers nothing and is paid nothing."""
    found = problems_of(
        tmp_path,
        agents="key;type;name;joined\nescola;public_body;Escola;mapped\n",
        needs="key;agent;title;category;measure\nx;escola;P;bread;kg\n",
    )

    assert "hasn't joined" in found[0]


def test_unknown_files_are_named(tmp_path: Path) -> None:
    """A misspelt file name doesn't lose a table silently."""
    found = problems_of(tmp_path, agents=AGENTS, ofers="key\n")

    assert found == ["ofers.csv: No table has this name. Tables are " + ", ".join(TABLES) + "."]


def test_an_empty_folder_is_a_usage_problem(tmp_path: Path) -> None:
    """Where there is nothing to import, the names of tables are given."""
    with pytest.raises(UsageProblemError, match="no table"):
        read_folder([tmp_path], CREDIT)


def test_keys_of_earlier_imports_may_be_named(tmp_path: Path) -> None:
    """A later file can build on what the book of imports knows."""
    (tmp_path / "needs.csv").write_text("key;agent;title;category;measure\nx;ana;P;bread;kg\n")

    assert not read_folder([tmp_path], CREDIT, {"ana": "agent"}).problems


def test_the_page_has_the_columns_of_the_tables() -> None:
    """docs/reference/csv.md names every table with its columns, and which of them are needed."""
    page = (tree.ROOT / "docs/reference/csv.md").read_text("utf-8")
    for name, table in TABLES.items():
        section = page.partition(f"## {name}.csv")[2].partition("\n## ")[0]
        rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("|")][2:]
        columns = [column for cell, _ in rows for column in re.findall(r"\w+", cell)]
        needed = [column for cell, need in rows if need.strip() == "yes" for column in re.findall(r"\w+", cell)]

        assert set(columns) == set(table.columns), name
        assert set(needed) == set(table.required), name
