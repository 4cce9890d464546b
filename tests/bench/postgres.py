"""A PostgreSQL server for baselines: its defaults, fsync on, in a folder of its own, gone afterwards.

Two baselines are driven by pgbench with 32 clients in 2 threads: its TPC-B-like transaction at scale 10 in the simple
protocol, and a plain-SQL double-entry ledger with prepared statements. Neither verifies a signature, speaks HTTP or
keeps a log that others can check.

Source: the manual of pgbench; Debian's packages postgresql and postgresql-contrib.
"""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CLIENTS = 32
THREADS = 2
SCALE = 10
ACCOUNTS = 10_000
FOLDERS = (*Path("/usr/lib/postgresql").glob("*/bin"), Path("/usr/bin"), Path("/usr/local/bin"))

SCHEMA = f"""
CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL DEFAULT 0,
  limit_low bigint NOT NULL DEFAULT -1000000000, limit_high bigint NOT NULL DEFAULT 1000000000,
  CHECK (balance BETWEEN limit_low AND limit_high));
CREATE TABLE transfer (id bigserial PRIMARY KEY, name text NOT NULL UNIQUE, made_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE entry (transfer bigint NOT NULL REFERENCES transfer, account int NOT NULL REFERENCES account,
  amount bigint NOT NULL);
INSERT INTO account (id) SELECT generate_series(1, {ACCOUNTS});
"""
# Accounts are locked in the order of their ids, so that two transfers never wait for each other.
TRANSFER = rf"""
\set one random(1, {ACCOUNTS})
\set two 1 + (:one + random(1, {ACCOUNTS - 1}) - 1) % {ACCOUNTS}
\set low least(:one, :two)
\set high greatest(:one, :two)
\set amount random(1, 100)
BEGIN;
INSERT INTO transfer (name) VALUES (gen_random_uuid()::text) RETURNING id \gset
UPDATE account SET balance = balance - :amount WHERE id = :low;
UPDATE account SET balance = balance + :amount WHERE id = :high;
INSERT INTO entry (transfer, account, amount) VALUES (:id, :low, 0 - :amount), (:id, :high, :amount);
COMMIT;
"""


class Server:
    """A running server.

    Attributes:
        folder: holds the data and the socket.
        version: as the server names itself.
    """

    def __init__(self, folder: Path) -> None:
        """Take a server that listens on a socket in `folder`."""
        self.folder = folder
        self.version = self.sql("SHOW server_version").strip()

    def sql(self, text: str) -> str:
        """Run statements; give what they print."""
        command = [program("psql"), "-qAtX", "-h", str(self.folder), "-d", "postgres", "-v", "ON_ERROR_STOP=1"]
        return _run([*command, "-c", text])

    def prepare(self) -> None:
        """Fill the tables of both baselines."""
        _run([program("pgbench"), "-q", "-i", "-s", str(SCALE), "-h", str(self.folder), "postgres"])
        self.sql(SCHEMA)
        (self.folder / "transfer.sql").write_text(TRANSFER, "utf-8")

    def tpc_b(self, seconds: int) -> float:
        """Give the TPC-B-like transactions a second of one run."""
        return self._pgbench(seconds, "-M", "simple")

    def ledger(self, seconds: int) -> float:
        """Give the transfers a second of one run of the prepared plain-SQL ledger."""
        return self._pgbench(seconds, "-M", "prepared", "-n", "-f", str(self.folder / "transfer.sql"))

    def _pgbench(self, seconds: int, *options: str) -> float:
        load = ("-c", str(CLIENTS), "-j", str(THREADS), "-T", str(seconds))
        said = _run([program("pgbench"), *load, *options, "-h", str(self.folder), "postgres"])
        found = re.search(r"^tps = ([\d.]+)", said, re.MULTILINE)
        assert found, said
        return float(found[1])


@contextmanager
def server() -> Iterator[Server]:
    """Start a server in a temporary folder; stop it and delete the folder at the end.

    Raises:
        FileNotFoundError: PostgreSQL is not installed; the message says how to install it.
    """
    folder = Path(tempfile.mkdtemp(prefix="mutirao-postgres-"))
    try:
        if os.geteuid() == 0:
            account = _account()
            os.chown(folder, account.pw_uid, account.pw_gid)
        data = folder / "data"
        _run([program("initdb"), "-D", str(data), "--auth=trust", "--locale=C.UTF-8", "-E", "UTF8"])
        settings = f"-c listen_addresses='' -c unix_socket_directories={folder}"
        _run([program("pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", settings, "start"])
        try:
            yield Server(folder)
        finally:
            _run([program("pg_ctl"), "-D", str(data), "-w", "-m", "fast", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def program(name: str) -> str:
    """Find a program of PostgreSQL.

    Raises:
        FileNotFoundError: it is not installed.
    """
    found = next((folder / name for folder in FOLDERS if (folder / name).exists()), None)
    if found is None:
        raise FileNotFoundError(f"{name} is missing; install it: apt-get install postgresql postgresql-contrib")
    return str(found)


def _run(command: list[str]) -> str:
    """Run a program of PostgreSQL, which refuses root, as its own user where we are root."""
    user = _account().pw_name if os.geteuid() == 0 else None
    home = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, user=user, env=home, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()[:400]}")
    return done.stdout


def _account() -> pwd.struct_passwd:
    names = {account.pw_name: account for account in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]
