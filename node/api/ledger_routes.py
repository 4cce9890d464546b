"""The table of the ledger's API addresses: the book as a whole, accounts, items, rules, cash and closings.

Source: docs/spec/08-http.md section 5; `node.api.routes` puts it among the others.

Tests: tests/node/api/test_routes.py
"""

from __future__ import annotations

from typing import Final

from node.api import books, cash, rules
from node.api.route import BASE, Access, Route
from node.services import book_views, cash_views, ledger_views, rule_views, views

LEDGER_ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="GET",
        path=f"{BASE}/ledger",
        handler=books.summary,
        name="read_ledger",
        summary="The ledger as a whole: size, root, sums.",
        answer=views.LedgerView,
        tag="ledger",
    ),
    Route(
        method="GET",
        path=f"{BASE}/ledger/trial",
        handler=books.trial,
        name="read_trial_balance",
        summary="Every account and the sums, for operator, treasurer and auditor.",
        answer=views.TrialBalanceView,
        access=Access.SESSION,
        tag="ledger",
    ),
    Route(
        method="GET",
        path=f"{BASE}/ledger/trial/past",
        handler=books.past_trial,
        name="read_past_trial_balance",
        summary="Every account as it stood at a size of the ledger or at a time, for operator, treasurer and auditor.",
        answer=book_views.PastTrialView,
        query=books.PastTrialQuery,
        access=Access.SESSION,
        tag="ledger",
    ),
    Route(
        method="GET",
        path=f"{BASE}/ledger/transactions",
        handler=books.transactions,
        name="list_transactions",
        summary="Movements of credit by filter, newest first: all for the officers, their own for members.",
        answer=book_views.MovementPage,
        query=books.TransactionsQuery,
        access=Access.SESSION,
        tag="ledger",
    ),
    Route(
        method="GET",
        path=f"{BASE}/ledger/statistics",
        handler=books.statistics,
        name="read_statistics",
        summary="Volume and hands of credit by month, and who is stuck at a limit, for the officers.",
        answer=book_views.StatisticsView,
        query=books.StatisticsQuery,
        access=Access.SESSION,
        tag="ledger",
    ),
    Route(
        method="GET",
        path=f"{BASE}/ledger/items",
        handler=books.items,
        name="read_items",
        summary="What waits for signatures, is requested or set aside: one's own, or all for officers.",
        answer=ledger_views.ItemsView,
        query=books.ItemsQuery,
        access=Access.SESSION,
        tag="ledger",
    ),
    Route(
        method="GET",
        path=f"{BASE}/ledger/cash",
        handler=cash.lines,
        name="read_cash",
        summary="The cash book of official money, for operator, treasurer, auditor and clerk.",
        answer=cash_views.CashBookView,
        query=cash.LinesQuery,
        access=Access.SESSION,
        tag="ledger",
    ),
    Route(
        method="GET",
        path=f"{BASE}/ledger/closings",
        handler=cash.closings,
        name="read_closings",
        summary="The periods that were closed or are proposed to be, for members.",
        answer=cash_views.ClosingsView,
        access=Access.SESSION,
        tag="ledger",
    ),
    Route(
        method="GET",
        path=f"{BASE}/ledger/rules",
        handler=rules.rules,
        name="read_rules",
        summary="The rules that the assembly gave for the books, with the minutes that they cite, for members.",
        answer=rule_views.RulesView,
        access=Access.SESSION,
        tag="ledger",
    ),
    Route(
        method="GET",
        path=f"{BASE}/ledger/rules/{{id}}/due",
        handler=rules.due,
        name="read_due",
        summary="Who would pay what under a rule for a period, and who would be over the limit, for the officers.",
        answer=rule_views.DuesView,
        query=rules.DuesQuery,
        access=Access.SESSION,
        tag="ledger",
    ),
    Route(
        method="GET",
        path=f"{BASE}/ledger/accounts/{{agent}}",
        handler=books.statement,
        name="read_statement",
        summary="An account's balance and movements, for its owner, treasurer and auditor.",
        answer=views.StatementView,
        query=books.StatementQuery,
        access=Access.SESSION,
        tag="ledger",
    ),
    Route(
        method="GET",
        path=f"{BASE}/ledger/accounts/{{agent}}/period",
        handler=books.period,
        name="read_period",
        summary="What an account had, received and gave from one time to another, for its owner and the officers.",
        answer=book_views.PeriodView,
        query=books.PeriodQuery,
        access=Access.SESSION,
        tag="ledger",
    ),
)
