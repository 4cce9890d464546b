"""tests/ mirrors the tree: protocol/merkle/tree.py is tried in tests/protocol/merkle/test_tree.py."""

from pathlib import PurePosixPath

from tests.tools import tree


def test_every_module_has_its_test() -> None:
    """A module has the test file of its name, or its docstring names the one that tries it: `Tests: tests/….py`."""
    existing = set(tree.files())
    lacking = [
        f"{path}: no {mirror(path)}; write it, or state in the docstring `Tests: tests/….py`"
        for path in tree.modules()
        if mirror(path) not in existing
        and tree.has_code(path)
        and not _stated_tests(path) & existing
        and "/migrations/" not in path  # tried as one chain, by making and altering databases
    ]

    assert not lacking, "\n".join(lacking)


def test_stated_tests_exist() -> None:
    """A file that a docstring names in `Tests:` is there."""
    existing = set(tree.files())
    gone = [f"{path}: {name}" for path in tree.modules() for name in sorted(_stated_tests(path) - existing)]

    assert not gone, f"named as tests but not there: {'; '.join(gone)}"


def mirror(path: str) -> str:
    """The test file that belongs to a module: `node/web/__init__.py` has tests/node/web/test_web.py."""
    module = PurePosixPath(path)
    stem = module.parent.name if module.stem == "__init__" else module.stem.strip("_")
    return str(PurePosixPath("tests", module.parent, f"test_{stem}.py"))


def _stated_tests(path: str) -> set[str]:
    words = tree.stated(path, "Tests").replace(",", " ").split()
    return {word.strip("`.;") + ".py" * (not word.strip("`.;").endswith(".py")) for word in words if "tests/" in word}
