"""Numbers, money, quantities, distances and dates as a reader of each language writes them.

Rules:
- Amounts stay whole numbers of the minor unit up to here (STYLE: only pages and the command's output show decimals),
  and no float touches money: the digits are cut from the integer.
- Official money stands with its sign in front ("R$ 6,00"), a community currency with its sign behind ("4,00 E$"), so
  that nobody takes the one for the other.
- Dates are shown in the server's own time zone; the machine-readable value beside them is UTC.
"""

from datetime import UTC, datetime, tzinfo

from node.web.language import Words

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


def decimal(words: Words, value: int, *, exponent: int, is_trimmed: bool = False) -> str:
    """Write `value` · 10^-exponent with the language's marks.

    Args:
        words: the reader's language.
        value: whole number of minor units or thousandths; may be negative.
        exponent: how many of its digits stand behind the mark, 0 to 9.
        is_trimmed: leave out noughts at the end ("2,5" instead of "2,500").

    Returns:
        For pt-BR and es "1.234,50", for en "1,234.50".
    """
    sign = "\N{MINUS SIGN}" if value < 0 else ""
    digits = str(abs(value)).rjust(exponent + 1, "0")
    whole, fraction = (digits[:-exponent], digits[-exponent:]) if exponent else (digits, "")
    if is_trimmed:
        fraction = fraction.rstrip("0")
    mark = "." if words.language == "en" else ","
    return sign + words.integer(int(whole)) + (mark + fraction if fraction else "")


def money(words: Words, amount: int, *, symbol: str, exponent: int, is_official: bool) -> str:
    """Write an amount with its sign: "R$ 6,00" for official money, "4,00 E$" for credit."""
    number = decimal(words, amount, exponent=exponent)
    if not is_official:
        return number + NO_BREAK + symbol
    if number.startswith("\N{MINUS SIGN}"):
        return "\N{MINUS SIGN}" + symbol + NO_BREAK + number[1:]
    return symbol + NO_BREAK + number


def distance(words: Words, distance_m: int) -> str:
    """Say how far away something is, no more exactly than a walker needs: "a 12 km".

    Args:
        words: the reader's language.
        distance_m: metres, from the network's place.
    """
    if distance_m < 1000:
        return words("distance.near")
    if distance_m < 10_000:
        tenths = (distance_m + 50) // 100
        return words("distance.km", km=decimal(words, tenths, exponent=1, is_trimmed=True))
    return words("distance.km", km=words.integer((distance_m + 500) // 1000))


def date(words: Words, time_ms: int, *, zone: tzinfo | None) -> str:
    """Write a day in full: "23 de novembro de 2026"."""
    moment = local(time_ms, zone=zone)
    return words("date.day", day=moment.day, month=words(f"month.{moment.month}"), year=moment.year)


def short_date(words: Words, time_ms: int, *, zone: tzinfo | None) -> str:
    """Write a day in figures, in the language's order: "23/11/2026" or "23 Nov 2026"."""
    moment = local(time_ms, zone=zone)
    if words.language == "en":
        return f"{moment.day} {words(f'month.{moment.month}')[:3]} {moment.year}"
    return f"{moment.day:02}/{moment.month:02}/{moment.year}"


def date_time(words: Words, time_ms: int, *, zone: tzinfo | None) -> str:
    """Write a day and the minute: "23 de novembro de 2026, 19:12"."""
    moment = local(time_ms, zone=zone)
    return f"{date(words, time_ms, zone=zone)}, {moment.hour:02}:{moment.minute:02}"


def ago(words: Words, time_ms: int, *, now_ms: int, zone: tzinfo | None) -> str:
    """Say how long ago something was: "há 3 dias"; beyond a month, the date.

    A time ahead of the clock (another machine's clock is off) counts as now.
    """
    passed_ms = max(0, now_ms - time_ms)
    if passed_ms < MINUTE_MS:
        return words("ago.now")
    if passed_ms < HOUR_MS:
        return words.count("ago.minutes", passed_ms // MINUTE_MS)
    if passed_ms < DAY_MS:
        return words.count("ago.hours", passed_ms // HOUR_MS)
    if passed_ms < 31 * DAY_MS:
        return words.count("ago.days", passed_ms // DAY_MS)
    return date(words, time_ms, zone=zone)


def machine_time(time_ms: int) -> str:
    """Write a time for `<time datetime>` and Atom: RFC 3339, UTC, whole seconds."""
    return local(time_ms, zone=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(time_ms: int, *, zone: tzinfo | None) -> datetime:
    """Turn a time into a datetime of a zone (None: the server's own).

    A claim out of the calendar's range, which a hostile record may carry, is shown as the calendar's nearest end.
    """
    seconds = min(max(time_ms // 1000, 0), 253_402_214_400)
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone)


def bytes_size(words: Words, size_bytes: int) -> str:
    """Write a size for operators: "1,4 MB" (decimal multiples)."""
    if size_bytes < 1000:
        return f"{size_bytes}{NO_BREAK}B"
    for unit, factor in (("kB", 1000), ("MB", 1000**2), ("GB", 1000**3)):
        if size_bytes < factor * 1000 or unit == "GB":
            return decimal(words, size_bytes * 10 // factor, exponent=1, is_trimmed=True) + NO_BREAK + unit
    raise AssertionError("the last unit takes every size")
