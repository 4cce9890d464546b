"""Importing twice changes nothing, whatever happened in between."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cli import keys
from cli.amounts import CreditUnit
from cli.errors import FailedCheckError, UnreachableError
from cli.importing.book import NAME, Book
from cli.importing.folder import read_folder
from cli.importing.work import Import, MemberKeys, Planned, Report, batches
from cli.records import Author
from protocol.identifiers import to_text
from protocol.record import Record

HOME = b"\x07" * 32
TABLES = {
    "network": "key;name\nvila;Vila\n",
    "agents": "key;type;name;joined;credit_low;credit_high\n"
    "ana;person;Ana;;-300;900\nbia;person;Bia;;-300;900\nescola;public_body;Escola;mapped;;\n",
    "needs": "key;agent;title;category;measure\npao;ana;Pão;bread;kg\n",
    "transfers": "key;payer;payee;amount\nt;ana;bia;3\n",
}


RECORDS = 13


@dataclass
class Answer:
    """What the pretended node says."""

    code: str = ""
    message: str = ""
    next_step: str = ""


@dataclass
class Node:
    """A home that remembers ids, as the real one does, and refuses or fails on request."""

    taken: dict[bytes, Record] = field(default_factory=dict)
    refuses: Callable[[Record], bool] = lambda _record: False
    fails_after: int | None = None

    async def submit(self, records: Sequence[Record]) -> list[Answer]:
        """Take records."""
        answers = []
        for record in records:
            if self.fails_after is not None:
                if self.fails_after == 0:
                    raise UnreachableError("The connection broke.")
                self.fails_after -= 1
            if record.id not in self.taken and self.refuses(record):
                answers.append(Answer("not_allowed", "No.", "Ask."))
            else:
                self.taken[record.id] = record
                answers.append(Answer())
        return answers


async def imported(path: Path, node: Node, tables: dict[str, str] | None = None) -> Report:
    """Import tables into a node; the book and the keys lie in `keys` of the path."""
    for name, text in (tables or TABLES).items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    work = _import(path)
    return await work.carry_out(node.submit, lambda _count: None)


def _import(path: Path) -> Import:
    network_key = path / "network.key"
    if not network_key.exists():
        keys.save(network_key, keys.new_signer("vila"), "")
    network = Author(signer=keys.load(network_key, ""), agent=HOME, home=HOME)
    book = Book(path / "keys" / NAME, to_text("agent", HOME))
    folder = read_folder(sorted(path.glob("*.csv")), CreditUnit.of_network(HOME, None), book.known())
    assert not folder.problems, [str(problem) for problem in folder.problems.found]
    return Import(folder=folder, book=book, network=network, members=MemberKeys(path / "keys", lambda *_: ""))


async def test_twice_changes_nothing(tmp_path: Path) -> None:
    """The second run sends the very same bytes and makes nothing."""
    node = Node()
    first = await imported(tmp_path, node)
    taken = set(node.taken)
    second = await imported(tmp_path, node)

    assert sum(first.created.values()) == len(taken) == RECORDS
    assert set(node.taken) == taken
    assert (second.created, second.revised, second.unchanged) == ({}, {}, RECORDS)


async def test_a_dry_run_leaves_nothing_behind(tmp_path: Path) -> None:
    """It says what would be done, and makes no key, no book and no record."""
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    report = _import(tmp_path).foresee()

    assert report.created == {"profile": 4, "agent": 3, "membership": 2, "account": 2, "need": 1, "transfer": 1}
    assert not (tmp_path / "keys").exists()


async def test_a_dry_run_foresees_what_the_run_does(tmp_path: Path) -> None:
    """Also for changed and unchanged rows."""
    node = Node()
    await imported(tmp_path, node)
    changed = TABLES | {"needs": "key;agent;title;category;measure\npao;ana;Pão fresco;bread;kg\n"}
    (tmp_path / "needs.csv").write_text(changed["needs"], encoding="utf-8")
    foreseen = _import(tmp_path).foresee()
    done = await imported(tmp_path, node, changed)

    assert foreseen == done
    assert (done.created, done.revised, done.unchanged) == ({}, {"need": 1}, RECORDS - 1)


async def test_a_changed_row_becomes_a_revision(tmp_path: Path) -> None:
    """It names the thing and the revision that it replaces."""
    node = Node()
    await imported(tmp_path, node)
    first = next(record for record in node.taken.values() if record.header.kind == "need")
    for title in ("Pão fresco", "Pão de ontem"):
        needs = f"key;agent;title;category;measure\npao;ana;{title};bread;kg\n"
        await imported(tmp_path, node, TABLES | {"needs": needs})
    chain = [record for record in node.taken.values() if record.header.kind == "need"]

    assert [record.thing_id for record in chain] == [first.id] * 3
    assert [record.header.previous for record in chain] == [None, chain[0].id, chain[1].id]


async def test_a_transfer_never_changes(tmp_path: Path) -> None:
    """A payment with another amount under the same key is refused, and the others go on."""
    node = Node()
    await imported(tmp_path, node)
    report = await imported(tmp_path, node, TABLES | {"transfers": "key;payer;payee;amount\nt;ana;bia;4\n"})

    assert [problem.line for problem in report.problems] == [2]
    assert sum(record.header.kind == "transfer" for record in node.taken.values()) == 1


@pytest.mark.parametrize("fails_after", range(RECORDS + 1))
async def test_a_broken_connection_loses_and_doubles_nothing(tmp_path: Path, fails_after: int) -> None:
    """Wherever it breaks, the next run completes the very same records."""
    node = Node(fails_after=fails_after)
    if fails_after < RECORDS:
        with pytest.raises(UnreachableError):
            await imported(tmp_path, node)
    else:
        await imported(tmp_path, node)
    node.fails_after = None
    await imported(tmp_path, node)

    assert len(node.taken) == RECORDS


async def test_a_refused_row_stops_no_other_and_begins_anew(tmp_path: Path) -> None:
    """The row is named and not counted as published; once the reason is gone, the next run makes it again."""
    node = Node(refuses=lambda record: record.header.kind == "need")
    first = await imported(tmp_path, node)
    node.refuses = lambda _record: False
    second = await imported(tmp_path, node)

    assert [(Path(problem.file).name, problem.line) for problem in first.problems] == [("needs.csv", 2)]
    assert "need" not in first.created
    assert second.created == {"need": 1}
    assert len(node.taken) == RECORDS


async def test_a_torn_last_line_of_the_book_is_written_over(tmp_path: Path) -> None:
    """What a crash cut off was never acted on."""
    node = Node()
    await imported(tmp_path, node)
    book = tmp_path / "keys" / NAME
    book.write_bytes(book.read_bytes() + b'{"network": "agen')
    changed = "key;agent;title;category;measure\npao;ana;Pão fresco;bread;kg\n"
    await imported(tmp_path, node, TABLES | {"needs": changed})

    assert len(node.taken) == RECORDS + 1
    assert all(json.loads(line) for line in book.read_bytes().splitlines())


async def test_a_damaged_book_stops_the_import(tmp_path: Path) -> None:
    """Guessing would import things twice; the line is named."""
    await imported(tmp_path, Node())
    book = tmp_path / "keys" / NAME
    book.write_bytes(b"{}\n" + book.read_bytes())

    with pytest.raises(FailedCheckError, match="line 1"):
        _import(tmp_path)


async def test_other_networks_may_share_the_book(tmp_path: Path) -> None:
    """Lines of another network are left alone."""
    await imported(tmp_path, Node())

    assert Book(tmp_path / "keys" / NAME, to_text("agent", bytes(32))).entries == {}


def test_an_agent_is_never_parted_from_its_membership(tmp_path: Path) -> None:
    """Submissions have at most a hundred records, whole rows, and the ledger's come last."""
    rows = "".join(f"a{at};person;A;;-1;1\n" for at in range(120))
    (tmp_path / "agents.csv").write_text("key;type;name;joined;credit_low;credit_high\n" + rows)
    folder = read_folder([tmp_path / "agents.csv"], CreditUnit.of_network(HOME, None))
    record = Author(signer=keys.new_signer("x"), agent=HOME, home=HOME).make(
        "post", {"type": "story", "title": "a", "text": "b"}
    )
    planned = [Planned(draft=draft, digest="", record=record) for draft in folder.drafts]

    cut = batches(planned)

    assert sum(map(len, cut)) == len(planned) == 480
    assert all(len(batch) <= 100 for batch in cut)
    for batch in cut:
        lines = [one.draft.line for one in batch if one.draft.kind != "account"]
        assert all(lines.count(line) == 3 for line in lines)
    kinds = [one.draft.kind for batch in cut for one in batch]
    assert kinds.index("account") == 360
