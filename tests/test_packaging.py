"""The wheel holds the three packages with their data and nothing else, and nothing installed takes their names."""

import os
import re
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.tools import constraints, tree


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of this tree, built here."""
    from hatchling.build import build_wheel

    folder = tmp_path_factory.mktemp("wheel")
    before = Path.cwd()
    os.chdir(tree.ROOT)
    try:
        name = build_wheel(str(folder))
    finally:
        os.chdir(before)
    return zipfile.ZipFile(folder / name)


def test_wheel_holds_every_file_of_the_packages(wheel: zipfile.ZipFile) -> None:
    """Templates, styles, migrations and tables go along with the code."""
    wanted = {path for path in tree.files() if path.split("/")[0] in tree.PACKAGES and not path.endswith("ruff.toml")}

    assert not wanted - set(wheel.namelist())


def test_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    """At the top of the wheel stand protocol, node, cli and the description of the distribution."""
    tops = {name.split("/")[0] for name in wheel.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == set(tree.PACKAGES)


def test_wheel_brings_the_command_and_the_licence(wheel: zipfile.ZipFile) -> None:
    """Installing it gives the command `mutirao`, and the licence lies inside."""
    named = {name.split("/", 1)[1]: name for name in wheel.namelist() if ".dist-info/" in name}

    assert b"mutirao = cli.main:main" in wheel.read(named["entry_points.txt"])
    assert b"GNU AFFERO GENERAL PUBLIC LICENSE" in wheel.read(named["licenses/LICENSE"])


def test_no_installed_distribution_takes_our_names() -> None:
    """No dependency installs a top-level protocol, node, cli or tests."""
    owners = packages_distributions()
    clashes = {
        name: others
        for name in (*tree.PACKAGES, "tests")
        if (others := [owner for owner in owners.get(name, []) if owner != "mutirao"])
    }

    assert clashes == {}


def test_every_requirement_has_its_exact_version() -> None:
    """constraints.txt pins all that pyproject.toml needs, directly or not, within the stated ranges."""
    lines = [line for line in constraints.FILE.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    pins = dict(line.split("==") for line in lines)
    direct = constraints.direct()
    unpinned = sorted(set(constraints.closure(direct)) - set(pins))
    outside = [str(requirement) for requirement in direct if not _allows(requirement, pins)]

    assert unpinned == [], "run: python -m tests.tools.constraints"
    assert outside == [], "run: python -m tests.tools.constraints"


def test_every_requirement_is_used() -> None:
    """Whatever the program requires to run, its code imports or names."""
    modules = {"pynacl": "nacl", "shamir-mnemonic": "shamir_mnemonic"}
    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = [canonicalize_name(Requirement(text).name) for text in project["dependencies"]]
    code = "\n".join((tree.ROOT / path).read_text("utf-8") for path in tree.modules())
    unused = [name for name in names if not re.search(rf"\b{modules.get(name, name)}\b", code)]

    assert unused == []


def _allows(requirement: Requirement, pins: dict[str, str]) -> bool:
    pin = pins.get(canonicalize_name(requirement.name))
    return pin is not None and Version(pin) in requirement.specifier
