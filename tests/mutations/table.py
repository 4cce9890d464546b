"""All mutations of the rules of the ledger, in the order of the pages that they break."""

from __future__ import annotations

from tests.mutations import accounts, acts, asking, collecting, holding, movements, replays

MUTATIONS = (
    *movements.MUTATIONS,
    *accounts.MUTATIONS,
    *acts.MUTATIONS,
    *holding.MUTATIONS,
    *asking.MUTATIONS,
    *collecting.MUTATIONS,
    *replays.MUTATIONS,
)
