"""Records that commands make, and the requests by which people ask to join."""

import json
from pathlib import Path

import pytest

from cli import keys
from cli.errors import FailedCheckError, UsageProblemError
from cli.records import Author, first_agent, member_of, now_ms
from cli.requests import read_request, request_text
from protocol.record import verify_record

HOME = b"\x07" * 32
POST = {"type": "story", "title": "O forno", "text": "Em 2009."}


def test_a_record_is_signed_by_its_author() -> None:
    """It verifies, names author and home, and its networks are sorted without repetition."""
    signer = keys.new_signer("ana")
    author = Author(signer=signer, agent=bytes(32), home=HOME)

    record = author.make("post", POST, to=[HOME, bytes(32), HOME])

    verify_record(record)
    assert (record.header.author, record.header.home, record.header.to) == (bytes(32), HOME, (bytes(32), HOME))
    assert abs(record.header.created_ms - now_ms()) < 60_000


def test_the_same_content_makes_another_record_each_time() -> None:
    """Salts differ, so nothing can be guessed from an id."""
    author = Author(signer=keys.new_signer("ana"), agent=bytes(32), home=HOME)

    assert author.make("post", POST).id != author.make("post", POST).id


def test_what_is_too_large_is_said_before_it_is_sent() -> None:
    """A text that no record holds is a usage problem."""
    author = Author(signer=keys.new_signer("ana"), agent=bytes(32), home=HOME)

    with pytest.raises(UsageProblemError, match="can't be published"):
        author.make("post", POST | {"text": "a" * 20_000})


def test_what_the_node_would_refuse_is_refused_here() -> None:
    """A field that is missing or wrong is named before anything is signed."""
    author = Author(signer=keys.new_signer("ana"), agent=bytes(32), home=HOME)

    with pytest.raises(UsageProblemError, match="title"):
        author.make("post", {"type": "story", "text": "b"})


def test_a_key_without_agent_cannot_sign_for_a_member() -> None:
    """The way to enrol is named."""
    with pytest.raises(UsageProblemError, match="network"):
        member_of(keys.new_signer("ana"))
    with pytest.raises(UsageProblemError, match="no agent"):
        member_of(keys.new_signer("ana"), home=HOME)


def test_a_request_comes_back_as_it_was_made(tmp_path: Path) -> None:
    """Name and record survive the file, and the record is checked again."""
    record = first_agent(keys.new_signer("ana"), "person", HOME)
    path = tmp_path / "ana.request"
    path.write_text(json.dumps(request_text("Ana", record)))

    assert read_request(path) == ("Ana", record)


def test_a_request_that_was_changed_is_refused(tmp_path: Path) -> None:
    """One flipped letter of the record is found."""
    document = request_text("Ana", first_agent(keys.new_signer("ana"), "person", HOME))
    changed = document["record"][:-8] + ("A" if document["record"][-8] != "A" else "B") + document["record"][-7:]
    path = tmp_path / "ana.request"
    path.write_text(json.dumps(document | {"record": changed}))

    with pytest.raises(FailedCheckError):
        read_request(path)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"form": "mutirao/request/1", "name": "x", "record": "!"}'])
def test_other_files_are_no_requests(tmp_path: Path, text: str) -> None:
    """Whatever else a file holds, the error says which command makes one."""
    path = tmp_path / "ana.request"
    path.write_text(text)

    with pytest.raises(UsageProblemError, match="request"):
        read_request(path)


def test_a_request_holds_a_first_agent_record_only(tmp_path: Path) -> None:
    """Another kind of record can't be enrolled."""
    record = Author(signer=keys.new_signer("ana"), agent=bytes(32), home=HOME).make("post", POST)
    path = tmp_path / "ana.request"
    path.write_text(json.dumps(request_text("Ana", record)))

    with pytest.raises(FailedCheckError, match="agent"):
        read_request(path)
