"""The words of printed books, in the three languages of members.

Source: docs/members.md and its translations; the words of the pages stand in node/web/words.

Tests: tests/cli/books/test_page.py
"""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGE_DEFAULT = "pt-BR"

WORDS: Mapping[str, Mapping[str, str]] = {
    "pt-BR": {
        "title": "Extrato de {name}",
        "all_time": "desde o começo até {to}",
        "from_to": "de {from} até {to}",
        "below": "Você recebeu {amount} a mais do que entregou.",
        "above": "Você entregou {amount} a mais do que recebeu.",
        "even": "Você entregou tanto quanto recebeu.",
        "limit": "Até quanto posso dever: {low}. Ainda posso gastar: {room}.",
        "day": "Dia",
        "who": "Com quem",
        "for": "Para quê",
        "paid": "Paguei",
        "received": "Me pagaram",
        "balance": "Saldo",
        "opening": "Saldo no começo",
        "closing": "Saldo no fim",
        "sum": "Soma",
        "nothing": "Nada neste período.",
        "footer": "Feito do livro da rede, até o lançamento {size}. Os dias são contados em UTC.",
        "statistics": "Como o crédito circula",
        "volume": "Volume por mês",
        "positive": "Crédito nas mãos das pessoas, no fim do mês",
        "turns": "Quantas vezes por ano o crédito muda de mãos",
        "month": "Mês",
        "movements": "Movimentos",
        "active": "Contas ativas",
        "stuck": "Quem está parado num limite",
        "low": "não pode pagar",
        "high": "não pode receber",
        "side": "Onde",
        "refused": "Recusas",
        "since": "Desde",
        "account": "Conta",
        "limit_name": "Limite",
    },
    "es": {
        "title": "Estado de cuenta de {name}",
        "all_time": "desde el comienzo hasta el {to}",
        "from_to": "del {from} al {to}",
        "below": "Recibiste {amount} más de lo que entregaste.",
        "above": "Entregaste {amount} más de lo que recibiste.",
        "even": "Entregaste tanto como recibiste.",
        "limit": "Hasta cuánto puedo deber: {low}. Todavía puedo gastar: {room}.",
        "day": "Día",
        "who": "Con quién",
        "for": "Para qué",
        "paid": "Pagué",
        "received": "Me pagaron",
        "balance": "Saldo",
        "opening": "Saldo al comienzo",
        "closing": "Saldo al final",
        "sum": "Suma",
        "nothing": "Nada en este tiempo.",
        "footer": "Hecho del libro de la red, hasta el asiento {size}. Los días se cuentan en UTC.",
        "statistics": "Cómo circula el crédito",
        "volume": "Volumen por mes",
        "positive": "Crédito en manos de la gente, al final del mes",
        "turns": "Cuántas veces al año el crédito cambia de manos",
        "month": "Mes",
        "movements": "Movimientos",
        "active": "Cuentas activas",
        "stuck": "Quién está parado en un límite",
        "low": "no puede pagar",
        "high": "no puede cobrar",
        "side": "Dónde",
        "refused": "Rechazos",
        "since": "Desde",
        "account": "Cuenta",
        "limit_name": "Límite",
    },
    "en": {
        "title": "Statement of {name}",
        "all_time": "from the beginning to {to}",
        "from_to": "from {from} to {to}",
        "below": "You received {amount} more than you delivered.",
        "above": "You delivered {amount} more than you received.",
        "even": "You delivered as much as you received.",
        "limit": "How far I may owe: {low}. I may still spend: {room}.",
        "day": "Day",
        "who": "With whom",
        "for": "What for",
        "paid": "I paid",
        "received": "I was paid",
        "balance": "Balance",
        "opening": "Balance at the beginning",
        "closing": "Balance at the end",
        "sum": "Sum",
        "nothing": "Nothing in this time.",
        "footer": "Made from the network's book, up to entry {size}. Days are counted in UTC.",
        "statistics": "How credit flows",
        "volume": "Volume a month",
        "positive": "Credit in people's hands, at the end of the month",
        "turns": "How often a year credit changes hands",
        "month": "Month",
        "movements": "Movements",
        "active": "Active accounts",
        "stuck": "Who is stuck at a limit",
        "low": "can't pay",
        "high": "can't receive",
        "side": "Where",
        "refused": "Refusals",
        "since": "Since",
        "account": "Account",
        "limit_name": "Limit",
    },
}


def words_in(language: str | None) -> tuple[str, Mapping[str, str]]:
    """Give a language that there is, and its words: the one that is asked for, one of its kind, or Portuguese.

    >>> words_in("es-UY")[0], words_in(None)[0]
    ('es', 'pt-BR')
    """
    wanted = (language or LANGUAGE_DEFAULT).casefold()
    for known in WORDS:
        if wanted == known.casefold() or wanted.partition("-")[0] == known.partition("-")[0]:
            return known, WORDS[known]
    return LANGUAGE_DEFAULT, WORDS[LANGUAGE_DEFAULT]
