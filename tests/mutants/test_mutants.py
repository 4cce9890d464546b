"""Planted bugs: every patch still applies to the tree, and the quickest ones are found by the seeds on record."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.mutants.__main__ import main, recorded
from tests.mutants.hunting import CleanTree, hunt
from tests.mutants.planting import Mutant, PlantingError, copy_tree, mutants, plant

MUTANTS = mutants()
QUICK = sorted(recorded(), key=lambda name: (recorded()[name]["cpu_s"], name))[:3]
SEEDS_TRIED = 3
"""Seeds from the one on record on: a change of plans must not make the test fail for its own sake."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the tree that nobody changes."""
    folder: Path = tmp_path_factory.mktemp("copy")
    copy_tree(folder)
    return folder


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> CleanTree:
    """Give the tree as it is, for all hunts."""
    return CleanTree(tmp_path_factory.mktemp("clean"))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_patch_applies(mutant: Mutant, copy: Path) -> None:
    """A planted bug fits the code of today; where it doesn't, plant it anew."""
    plant(mutant, copy, is_trial=True)


def test_each_bug_is_of_a_class_of_its_own() -> None:
    """At least twenty bugs are planted, each of a class of its own, each with a seed on record."""
    classes = Counter(mutant.kind for mutant in MUTANTS)

    assert len(classes) >= 20
    assert not [kind for kind, count in classes.items() if count > 1]
    assert set(recorded()) == {mutant.name for mutant in MUTANTS}


@pytest.mark.parametrize("name", QUICK)
def test_a_recorded_seed_finds_its_bug(name: str, clean: CleanTree) -> None:
    """The simulator finds the quickest planted bugs where it found them before, and nothing without them."""
    mutant = next(each for each in MUTANTS if each.name == name)

    found = hunt(mutant, clean, first=recorded()[name]["seed"], count=SEEDS_TRIED)

    assert found.seed is not None


def test_a_patch_that_no_longer_applies_is_a_failure(tmp_path: Path, copy: Path) -> None:
    """Code that has moved on under a planted bug is told, never passed over."""
    patch = tmp_path / "99-gone.patch"
    patch.write_text("--- a/node/clock.py\n+++ b/node/clock.py\n@@ -1 +1 @@\n-no such line\n+another\n", "utf-8")
    gone = Mutant(patch.stem, patch, "nothing", "none", "none", ("node/clock.py",))

    with pytest.raises(PlantingError, match="doesn't apply"):
        plant(gone, copy)


def test_a_name_that_nobody_has_is_refused() -> None:
    """A hunt without a bug is a mistake of whoever asks."""
    with pytest.raises(SystemExit):
        main(["no-such-bug"])
