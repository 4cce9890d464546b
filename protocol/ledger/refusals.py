"""Every reason for which the ledger says no, in order of precedence.

When several reasons apply, the one that stands first here is given, so that two nodes that fold the same
leaves give the same answer. A code never changes once released; it is written into the leaf. Its words may
be improved. A refusal here is the answer to a *validly signed* instruction: it becomes a leaf that moves
nothing. What fails before that (bytes, signature, key, home, author) has its code in `protocol.errors` and
leaves no leaf.
Source: docs/spec/04-ledger.md, L-20 to L-23; docs/reference/refusals.md.

Length: one list of all refusals is read as one, since its order is their precedence.
"""

from __future__ import annotations

from protocol.errors import CodeEnum, Refusal


class LedgerCode(CodeEnum):
    """The refusals of the ledger; the order of definition is the order of precedence."""

    # What the instruction says of itself.
    WRONG_LEDGER = (
        "wrong_ledger",
        "The transfer names another ledger than the one it was sent to.",
        "Send it to the network whose ledger it names, or sign it anew for this one.",
    )
    UNKNOWN_UNIT = (
        "unknown_unit",
        "This ledger keeps no accounts in that unit.",
        "Sign it anew in the credit of this network; official money belongs in the cash book.",
    )
    AMOUNT_NOT_POSITIVE = (
        "amount_not_positive",
        "The amount is zero or less.",
        "Sign it anew with an amount of at least one minor unit.",
    )
    AMOUNT_TOO_LARGE = (
        "amount_too_large",
        "The amount is larger than a ledger can hold.",
        "Check the number of zeros, and sign it anew with a smaller amount.",
    )
    SELF_PAYMENT = (
        "self_payment",
        "Payer and payee are the same account.",
        "Sign it anew with the account that is to receive the credit.",
    )
    EXPIRED = (
        "expired",
        "The time until which the transfer may be posted has passed.",
        "Sign it anew with a later expiry; nothing was moved.",
    )
    HOLD_TOO_LONG = (
        "hold_too_long",
        "Credit is set aside for at most 366 days.",
        "Sign it anew with an earlier end.",
    )
    UNKNOWN_MEDIATOR = (
        "unknown_mediator",
        "Somebody who is to mediate is no member of this network.",
        "Name two members, or nobody.",
    )
    DATE_IN_FUTURE = (
        "date_in_future",
        "The date lies in the future.",
        "Give the day on which it happened; a period is closed after it has ended.",
    )
    SAME_PERSON = (
        "same_person",
        "Somebody who must sign too is the author itself.",
        "Name another person.",
    )
    SIZE_AHEAD = (
        "size_ahead",
        "It speaks of more entries than the ledger has.",
        "Read the balances at the end of the period again, and sign it anew.",
    )
    NOT_AN_AUDITOR = (
        "not_an_auditor",
        "Somebody named as auditor has not that role.",
        "Name auditors, or ask the network to give them that role first.",
    )
    KIND_NOT_IN_USE = (
        "kind_not_in_use",
        "Accounts of this kind cannot be opened yet.",
        "Open a member, fund or treasury account.",
    )
    LIMITS_OUT_OF_RANGE = (
        "limits_out_of_range",
        "The lower limit is above zero, the upper limit is below zero, or one of them is too large.",
        "Give a lower limit of zero or less and an upper limit of zero or more.",
    )
    TERM_TOO_LONG = (
        "term_too_long",
        "Its day lies more than ten years ahead.",
        "Check the year, and sign it anew with an earlier day.",
    )
    # What was asked, allowed or paid before.
    UNKNOWN_REQUEST = (
        "unknown_request",
        "There is no such request in this ledger.",
        "Check the id, or pay without naming a request.",
    )
    NOT_AS_REQUESTED = (
        "not_as_requested",
        "The request names another payer, payee or unit.",
        "Pay the one who asked, from the account that was asked, in the unit of the request.",
    )
    REQUEST_CLOSED = (
        "request_closed",
        "The request was paid, declined, withdrawn, or is too old.",
        "Look at what became of it; nothing was moved.",
    )
    MORE_THAN_REQUESTED = (
        "more_than_requested",
        "The amount is more than what is still open of the request.",
        "Pay what is still open, and anything beyond it without naming the request.",
    )
    UNKNOWN_MANDATE = (
        "unknown_mandate",
        "There is no such mandate in this ledger.",
        "Check the id, or ask the payer for a mandate.",
    )
    NOT_AS_MANDATED = (
        "not_as_mandated",
        "The mandate names another payer, payee or unit.",
        "Draw from the account that it names, to the account that it names, in its unit.",
    )
    MANDATE_ENDED = (
        "mandate_ended",
        "The mandate has ended, by its day or because one side ended it.",
        "Ask the payer for a new mandate, or send a request.",
    )
    MANDATE_LIMIT = (
        "mandate_limit",
        "Together with what was drawn in this period, it is more than the mandate allows.",
        "Draw less, wait for the next period, or send a request for the rest.",
    )
    UNKNOWN_TRANSFER = (
        "unknown_transfer",
        "There is no such posted transfer in this ledger.",
        "Check the id; only a transfer that was posted can be moved back, and not a reversal.",
    )
    NOT_AS_TRANSFERRED = (
        "not_as_transferred",
        "The transfer was between other accounts or in another unit.",
        "Let its payee give back, and its payer receive, in its unit.",
    )
    ALREADY_REVERSED = (
        "already_reversed",
        "The transfer was moved back already.",
        "Look at the statement; what is still to be settled is paid by a new transfer.",
    )
    MORE_THAN_TRANSFERRED = (
        "more_than_transferred",
        "More would be moved back than the transfer moved.",
        "Move back at most its amount, and pay anything beyond it by a new transfer.",
    )
    UNKNOWN_POLICY = (
        "unknown_policy",
        "No rule about limits in force has such a row.",
        "Look at the rules with `mutirao rule list`, or say the limits themselves.",
    )
    NOT_ASSISTED = (
        "not_assisted",
        "The payer is not a member for whom a clerk may sign.",
        "Let the payer sign with a key, or give the role `assisted` once the payer's consent is noted.",
    )
    OWN_SLIP = (
        "own_slip",
        "The clerk who signs the slip would receive the amount.",
        "Let another clerk sign it.",
    )
    UNKNOWN_RULE = (
        "unknown_rule",
        "There is no such rule in force.",
        "Look at the rules with `mutirao rule list`; the assembly may have replaced it.",
    )
    SLIP_USED = (
        "slip_used",
        "A slip of this number was used already.",
        "Compare the two slips; give this one a number that is free.",
    )
    DAILY_CAP = (
        "daily_cap",
        "The member would give more on slips today than the rule allows.",
        "Wait until tomorrow, or let the member pay with a key.",
    )
    FUND_NEEDS_MINUTES = (
        "fund_needs_minutes",
        "What leaves a fund is decided by the assembly.",
        "Post it with `mutirao fund pay`, citing the minutes.",
    )
    DUPLICATE_LINE = (
        "duplicate_line",
        "A line stands twice in the batch.",
        "Take the second one out, or put both amounts in one line.",
    )
    ALREADY_POSTED = (
        "already_posted",
        "Something in the batch was posted before, for the same rule, period and member.",
        "Leave out what is posted already; `mutirao dues` does so by itself.",
    )
    # What the book says of the accounts.
    UNKNOWN_PAYER = (
        "unknown_payer",
        "The payer has no account in this ledger.",
        "Ask the treasurer to open an account for the payer.",
    )
    UNKNOWN_PAYEE = (
        "unknown_payee",
        "The payee has no account in this ledger.",
        "Check the payee, or ask the treasurer to open an account for it.",
    )
    PAYER_CLOSED = (
        "payer_closed",
        "The payer's account is closed.",
        "Ask the treasurer to open it again.",
    )
    PAYEE_CLOSED = (
        "payee_closed",
        "The payee's account is closed.",
        "Agree with the payee on another account.",
    )
    UNKNOWN_ACCOUNT = (
        "unknown_account",
        "There is no such account in this ledger.",
        "Open the account first.",
    )
    ACCOUNT_EXISTS = (
        "account_exists",
        "The account is already open.",
        "Change its limits instead of opening it again.",
    )
    ACCOUNT_CLOSED = (
        "account_closed",
        "The account is closed.",
        "Open it again before changing it.",
    )
    BALANCE_NOT_ZERO = (
        "balance_not_zero",
        "An account can be closed only at balance zero.",
        "Bring its balance to zero by transfers, then close it.",
    )
    STEP_TOO_EARLY = (
        "step_too_early",
        "The account has not been long enough on the step before, or a step is left out.",
        "Wait as long as the rule says, and raise it by one step.",
    )
    # What the book says of items.
    UNKNOWN_ITEM = (
        "unknown_item",
        "Nothing of that id is known to this ledger.",
        "Check the id; what was refused can't be answered.",
    )
    ALREADY_ENDED = (
        "already_ended",
        "What it names has ended already.",
        "Look at what became of it; if it is still wanted, begin anew.",
    )
    NOTHING_TO_ANSWER = (
        "nothing_to_answer",
        "What it names doesn't wait for anybody's consent.",
        "Check the id.",
    )
    NOT_YOURS_TO_SIGN = (
        "not_yours_to_sign",
        "The author is not one of those whose consent it waits for.",
        "Ask those whom it names.",
    )
    ALREADY_SIGNED = (
        "already_signed",
        "The author has signed it already; another person must.",
        "Ask the others whom it names.",
    )
    # Holds.
    UNKNOWN_HOLD = (
        "unknown_hold",
        "Nothing was set aside here under this id.",
        "Copy the id as `mutirao hold list` prints it.",
    )
    NO_PART_IN_HOLD = (
        "no_part_in_hold",
        "Only payer, payee and the named mediators have a say in what was set aside.",
        "Ask one of them.",
    )
    HOLD_POSTED = (
        "hold_posted",
        "What was set aside is paid already.",
        "Look at it with `mutirao hold list --all`; nothing is left to do.",
    )
    HOLD_VOIDED = (
        "hold_voided",
        "What was set aside was given back already.",
        "Pay anew if it is still owed.",
    )
    HOLD_EXPIRED = (
        "hold_expired",
        "The time for which it was set aside is over, and it is free again.",
        "Pay anew, or set it aside anew with a later end.",
    )
    NOT_YOUR_STEP = (
        "not_your_step",
        "This step belongs to another side: the payer pays, the payee gives back, the mediators decide.",
        "Ask the other side; the payee pays alone only where the hold says from when.",
    )
    HOLD_DISPUTED = (
        "hold_disputed",
        "It is disputed, so the payee can't take it alone, and it can't be disputed twice.",
        "Agree: the payer pays or the payee gives back; or wait for the two mediators.",
    )
    HOLD_NOT_DISPUTED = (
        "hold_not_disputed",
        "Mediators decide only what is disputed.",
        "Payer or payee says first that they disagree.",
    )
    HOLD_TOO_EARLY = (
        "hold_too_early",
        "The day from which the payee may take it alone has not come.",
        "Wait for that day, or ask the payer.",
    )
    EXCEEDS_HOLD = (
        "exceeds_hold",
        "That is more than was set aside.",
        "Give at most what was set aside, and pay the rest by a payment of its own.",
    )
    # What the closed periods and the cash boxes say.
    PERIOD_CLOSED = (
        "period_closed",
        "The date lies in a period that the assembly has closed.",
        "Date it after the closed period, and say in words what it belongs to.",
    )
    CLOSING_NOT_LATER = (
        "closing_not_later",
        "That period is closed already.",
        "Close a period that ends later.",
    )
    UNKNOWN_BOX = (
        "unknown_box",
        "There is no cash box of that name with that money.",
        "Check the name of the box; the first money that goes in makes it.",
    )
    CASH_MOVED = (
        "cash_moved",
        "Money went in or out after the box was counted.",
        "Count it again, and let the second person sign before anything else is booked.",
    )
    CASH_SHORT = (
        "cash_short",
        "The box doesn't hold so much money.",
        "Check the amount and the box; book first what came in.",
    )
    # What a rule or the minutes allow.
    OVER_THE_RULE = (
        "over_the_rule",
        "A line takes more than the rule allows.",
        "Count again with the balances of today, or let the assembly change the rule.",
    )
    NOT_A_FUND = (
        "not_a_fund",
        "A write-off or a payment by minutes comes out of a fund.",
        "Name the account of a fund as payer.",
    )
    MORE_THAN_DEBT = (
        "more_than_debt",
        "More would be written off than the member owes.",
        "Write off at most what stands below zero.",
    )
    ACCOUNT_IN_USE = (
        "account_in_use",
        "An opening balance can be given only to an account that stands at zero.",
        "Correct a balance by a transfer between the member and the network.",
    )
    DIFFERENCE_WITHOUT_MINUTES = (
        "difference_without_minutes",
        "Part of the opening balances stands on an account that is no member's, and no minutes are cited.",
        "Let the assembly decide on the difference, and cite its minutes.",
    )
    OPENING_NOT_ZERO = (
        "opening_not_zero",
        "The opening balances don't come to zero.",
        "Find the mistake, or post the difference to an account by decision of the assembly.",
    )
    # What the balances say.
    DEBIT_LIMIT = (
        "debit_limit",
        "The payment would take the payer below its lower limit.",
        "Pay less, receive some credit first, or ask the treasurer for a lower limit.",
    )
    CREDIT_LIMIT = (
        "credit_limit",
        "The payment would take the payee above its upper limit.",
        "Pay less, or agree with the payee to spend some credit first.",
    )
    # What the author has open.
    TOO_MANY_OPEN = (
        "too_many_open",
        "The author has begun more than the ledger keeps open for one member.",
        "End some of what is open, or wait until it ends.",
    )

    @property
    def rank(self) -> int:
        """Place in the order of precedence, from 0; the lowest that applies is given."""
        return _RANKS[self]

    def refusal(self) -> Refusal:
        """Return the answer for the person; the same code always gives the same words."""
        return Refusal.of(self)


_RANKS = {code: rank for rank, code in enumerate(LedgerCode)}
_BY_VALUE = {code.value: code for code in LedgerCode}


def code_of(outcome: str) -> LedgerCode | None:
    """Return the refusal that an outcome stands for, or None when the outcome is no refusal known here."""
    return _BY_VALUE.get(outcome)
