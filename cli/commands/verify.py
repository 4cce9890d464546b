"""`mutirao verify`: recompute what is kept, from the signed bytes alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from cli.errors import FailedCheckError
from cli.output import counted
from cli.settings import Group, Settings, pass_settings

FINDINGS_SHOWN_MAX = 100


@click.group(cls=Group)
def verify() -> None:
    """Check what is kept, offline."""


@verify.command("data")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@pass_settings
def data(settings: Settings, directory: Path) -> None:
    """Recompute every log, signature and balance of a node's folder, while the node is off.

    Exit code 1 names the table, row and column, or the file, of everything that differs.
    """
    import node.audit

    with settings.output.steps("Checking") as begin:
        report = asyncio.run(node.audit.audit_folder(directory, begin))
    findings = [str(finding) for finding in report.findings]
    if findings:
        for finding in findings[:FINDINGS_SHOWN_MAX]:
            if not settings.output.json_wanted:
                settings.output.note(f"  {finding}")
        raise FailedCheckError(
            f"{directory} differs in {counted(len(findings), 'place')} from what was signed: {findings[0]}",
            code="data",
            next_step="Put the folder back from a copy, and check the disk.",
            details={"findings": findings},
        )
    settings.output.result(
        {"directory": str(directory), "ok": True, "parts": report.parts},
        f"{directory}: everything adds up ({', '.join(report.parts)}).",
    )
