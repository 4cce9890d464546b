"""Mutations: every one still fits the code of today, and the runner tells killed ones from others."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.mutations.__main__ import main
from tests.mutations.mutating import Mutation, MutationError, copy_tree, judge, mutated
from tests.mutations.table import MUTATIONS
from tests.tools import tree

QUICK = ("tests/protocol/ledger/test_accounts.py",)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_every_mutation_fits(mutation: Mutation) -> None:
    """What it changes stands in its file exactly once; where the code has moved on, write it anew."""
    text = (tree.ROOT / mutation.file).read_text("utf-8")

    changed = mutated(mutation, text)

    assert changed != text
    compile(changed, mutation.file, "exec")


def test_names_are_their_own() -> None:
    """At least forty mutations, none of them twice."""
    names = Counter(each.name for each in MUTATIONS)
    changes = Counter((each.file, each.old, each.new) for each in MUTATIONS)

    assert len(names) >= 40
    assert [] == [what for counted in (names, changes) for what, count in counted.items() if count > 1]


def test_a_mutation_is_killed_or_survives(tmp_path: Path) -> None:
    """A broken rule is told with the test that noticed, a harmless change survives, and the copy stays as it was."""
    copy_tree(tmp_path)
    file = "protocol/ledger/accounts.py"
    broken = Mutation("broken", file, "-BALANCE_MAX <= limit_low", "-BALANCE_MAX - 1 <= limit_low", QUICK)
    harmless = Mutation("harmless", file, "return max(0, self.balance", "return max(0, +self.balance", QUICK)
    unreadable = Mutation("unreadable", file, "class AccountState(", "class (", QUICK)

    verdicts = [judge(each, tmp_path) for each in (broken, harmless)]
    with pytest.raises(MutationError, match="unreadable: the tests don't begin"):
        judge(unreadable, tmp_path)

    assert [f"{QUICK[0]}::test_limits_reach_to_the_end_of_the_integers", ""] == [each.killer for each in verdicts]
    assert (tree.ROOT / file).read_bytes() == (tmp_path / file).read_bytes()


@pytest.mark.parametrize("old", ["no such text", "    "])
def test_text_that_is_not_there_once_is_an_error(old: str) -> None:
    """Nothing is changed by guessing where."""
    with pytest.raises(MutationError, match="times"):
        mutated(Mutation("vague", "protocol/ledger/book.py", old, ""), "    a\n    b\n")


def test_a_name_that_nobody_has_is_refused() -> None:
    """A run without a mutation is a mistake of whoever asks."""
    with pytest.raises(SystemExit):
        main(["no-such-mutation"])
