"""The one home of Hypothesis strategies."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from protocol.units import INTEGER_MAX


def canonical_values() -> st.SearchStrategy[Any]:
    """Any value that has a canonical encoding."""
    scalars = (
        st.none()
        | st.booleans()
        | st.integers(-INTEGER_MAX, INTEGER_MAX)
        | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
        | st.binary(max_size=40)
    )
    return st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=5)
            | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=10), inner, max_size=5)
        ),
        max_leaves=20,
    )
