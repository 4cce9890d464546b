"""Whatever a node answers, a command ends with an exit code and a sentence."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cli.keys import new_signer, save
from protocol.identifiers import to_text
from tests.cli.live import command

ANSWERS: dict[str, bytes] = {}
HOSTILE = [
    b"{}",
    b"[]",
    b"null",
    b'"x"',
    b'{"id": 7, "ref": 1}',
    b"{" * 5000,
    b"[" * 100_000,
    b"\xff\xfe",
    b"1e999",
    b'{"ref": null}',
]


class Anything(BaseHTTPRequestHandler):
    """A node that answers every question with the same bytes."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWERS["now"])))
        self.end_headers()
        self.wfile.write(ANSWERS["now"])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""


@pytest.fixture(scope="module")
def stranger() -> Iterator[str]:
    """The address of such a node."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Anything)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("answer", HOSTILE)
@pytest.mark.parametrize(
    "words",
    [
        ["status"],
        ["offer", "list"],
        ["offer", "show", to_text("offer", bytes(32))],
        ["member", "show", to_text("agent", bytes(32))],
        ["seal", "show", to_text("seal", bytes(32))],
        ["ledger", "show"],
        ["peer", "list"],
        ["export", "jsonld"],
        ["catalog", "print"],
    ],
    ids=" ".join,
)
def test_no_answer_makes_a_traceback(stranger: str, words: list[str], answer: bytes) -> None:
    """Empty, wrong, deep or broken answers are failed checks; a list that is empty is just empty."""
    ANSWERS["now"] = answer
    done = command(*words, "--node", stranger)

    assert done.exit_code in {0, 1}
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)


def test_what_a_node_says_cannot_steer_the_terminal(stranger: str) -> None:
    """Escape sequences and letters that turn the writing round become spaces."""
    ref = {"id": "agent:x", "name": "A\x1b[2Jna\u202e", "type": "person", "network_name": "Vila"}
    ANSWERS["now"] = json.dumps({"ref": ref}).encode()
    done = command("member", "show", to_text("agent", bytes(32)), "--node", stranger)

    assert done.exit_code == 0, done.output
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout


def test_a_key_of_another_network_is_told_so(stranger: str, elsewhere: object) -> None:
    """Nothing is signed for the wrong home."""
    from pathlib import Path

    ANSWERS["now"] = json.dumps({"id": to_text("agent", bytes(32)), "name": "Vila", "unit": None}).encode()
    save(Path("ana.key"), new_signer("ana").enrolled(bytes(32), b"\x01" * 32), "")
    words = ["need", "add", "Pão", "--category", "bread", "--key", "ana.key", "--node", stranger]
    done = command(*words)

    assert done.exit_code == 2
    assert "your own network's node" in done.stderr
