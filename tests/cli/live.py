"""Commands run in this process against a node that runs in another."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from cli.demo.processes import NodeProcess
from cli.main import main


def command(*words: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, list(words))


@dataclass
class Live:
    """A node that runs, and the people of its network.

    Attributes:
        root: Where keys lie.
        node: The process.
        agents: Ids by short name.
    """

    root: Path
    node: NodeProcess
    agents: dict[str, str] = field(default_factory=dict)

    @property
    def network_key(self) -> Path:
        """The network's record key."""
        return self.node.directory / "keys" / "network.key"

    def key(self, short: str) -> Path:
        """The key file of a member."""
        return self.root / f"{short}.key"

    def run(self, *words: str, by: str | None = None) -> Result:
        """Run a command against the node, signed by a member or, for "network", by the network."""
        key = [] if by is None else ["--key", str(self.network_key if by == "network" else self.key(by))]
        return command(*words, "--node", self.node.url, *key)

    def json(self, *words: str, by: str | None = None) -> Any:
        """Run a command that must end well, and give its JSON."""
        done = self.run(*words, "--json", by=by)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def refused(self, *words: str, by: str | None = None, exit_code: int = 1) -> dict[str, Any]:
        """Run a command that must fail, and give its error."""
        done = self.run(*words, "--json", by=by)
        assert done.exit_code == exit_code, done.output
        error = json.loads(done.stdout)["error"]
        assert isinstance(error, dict)
        assert error["message"]
        return error

    def enrol(self, short: str, name: str, *options: str) -> str:
        """Enrol a member with an account from -300 to 900."""
        limits = ["--limit-low=-300", "--limit-high=900"]
        words = ["member", "add", name, "--key-out", str(self.key(short)), *limits, *options, "--no-passphrase"]
        self.agents[short] = str(self.json(*words, by="network")["agent"])
        return self.agents[short]

    def offer(self, title: str, by: str = "padaria", *options: str) -> str:
        """Publish an offer of bread."""
        words = ["offer", "add", title, "--category", "bread", "--quantity", "30 kg", "--price", "9,00 BRL", *options]
        return str(self.json(*words, by=by)["offer"])
