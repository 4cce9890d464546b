"""The error that handlers raise when a request can't be carried out.

Source: docs/spec/08-http.md section 2.

Tests: tests/node/api/test_routes.py
"""

from __future__ import annotations

from node.api.codes import ApiCode
from protocol.errors import MutiraoError


class ApiError(MutiraoError):
    """A request that ends in an error answer.

    Args:
        code: which error.
        detail: what came and what was wanted; the code's explanation stands in front of it.
    """

    def __init__(self, code: ApiCode, detail: str = "") -> None:
        """Keep code and message."""
        self.code = code
        self.message = f"{code.explanation[:-1]}: {detail}" if detail else code.explanation
        super().__init__(self.message)
