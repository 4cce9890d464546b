"""The tracer `strace`: is it here, and the words that put it around a node.

With `-D` the node stays the process that was started, and the tracer runs beside it, so signals reach the node and its
exit code is its own. With `--seccomp-bpf` only the calls that are asked for stop, and all others run at full speed; but
signals aren't injected then (strace 6.1), so who asks for one waits a little longer.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

TRY_S = 10.0
YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")


@cache
def lacking() -> str:
    """Say why processes can't be traced on this machine; empty where they can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(
        [*around(Path(os.devnull), "-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=1"), "true"],
        capture_output=True,
        text=True,
        check=False,
        timeout=TRY_S,
    )
    return "" if tried.returncode == 0 else f"strace is not allowed: {tried.stderr.strip()[-200:]}"


def may_attach() -> bool:
    """Whether a process that runs already may be traced."""
    if lacking():
        return False
    return os.geteuid() == 0 or not YAMA.exists() or YAMA.read_text(encoding="ascii").strip() == "0"


def around(log: Path, *options: str) -> tuple[str, ...]:
    """Give the words that run a command under the tracer.

    Args:
        log: where the calls are written to.
        options: which calls, and what happens to them.
    """
    speed = () if any(":signal=" in option for option in options) else ("--seccomp-bpf",)
    return ("strace", "-D", "-f", *speed, "-qq", "-o", str(log), *options)
