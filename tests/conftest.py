"""What holds for all tests: Hypothesis without deadlines, and a home folder that is nobody's.

Profiles of Hypothesis, chosen by MUTIRAO_HYPOTHESIS: `default` looks in new places at each run; `ci` repeats the same
examples, so that a failure is that of the change; `nightly` looks much longer; `mutations` repeats the same examples,
as many as `ci`, and doesn't look for the shortest of those that fail.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, settings

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("nightly", deadline=None, max_examples=2_000)
settings.register_profile("mutations", deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate))
settings.load_profile(os.environ.get("MUTIRAO_HYPOTHESIS", "ci" if os.environ.get("CI") else "default"))


@pytest.fixture(autouse=True, scope="session")
def _nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep tests away from the keys and settings of whoever runs them."""
    home = tmp_path_factory.mktemp("home")
    before = dict(os.environ)
    for name in [name for name in before if name.startswith(("MUTIRAO_", "XDG_"))]:
        del os.environ[name]
    os.environ["HOME"] = str(home)
    yield home
    os.environ.clear()
    os.environ.update(before)
