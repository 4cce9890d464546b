"""`mutirao offer` and `mutirao need`: publish, find, show, revise and end them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from cli.amounts import measure_text
from cli.commands.options import DAY, IdentifierType
from cli.connection import Desk, connected, desk
from cli.errors import UsageProblemError
from cli.listings import COLUMNS, ListingOptions, listing_body, listing_lines, listing_row
from cli.records import now_ms
from cli.settings import Group, Settings, asynchronous
from protocol.identifiers import from_text, to_text

Decorated = Callable[..., Any]


def listing_options(function: Decorated) -> Decorated:
    """Add the options that offers and needs share."""
    options = [
        click.option("--category", required=True, help="An id or name of the list, such as bread or pão."),
        click.option("--quantity", help="How much there is or is needed, such as “5 kg”."),
        click.option(
            "--price", "prices", multiple=True, help="Such as “12,50 BRL” or “3 credits”; several are paid together."
        ),
        click.option("--per", help="What the price is for, such as kg; one of the measure if not given."),
        click.option("--about", help="A few sentences."),
        click.option("--until", "until_ms", type=DAY, help="The day at whose end it ends."),
        click.option("--place", type=IdentifierType("place"), help="Where it is handed over."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@click.group(cls=Group)
def offer() -> None:
    """Offer something, and find what others offer."""


@click.group(cls=Group)
def need() -> None:
    """Say what you need, and find what others need."""


@offer.command("add")
@click.argument("title")
@listing_options
@click.option("--answers", type=IdentifierType("need"), help="The need that it answers.")
@click.option("--item", type=IdentifierType("item"), help="The product that it is one of.")
@asynchronous
async def offer_add(settings: Settings, /, *, answers: str | None, item: str | None, **said: Any) -> None:
    """Publish an offer called TITLE, signed with --key."""
    extra = {"answers": _bytes(answers), "item": _bytes(item)}
    await _publish(settings, "offer", ListingOptions(**said), extra)


@need.command("add")
@click.argument("title")
@listing_options
@click.option("--firmness", type=click.Choice(("firm", "recurring", "potential")), default="firm", show_default=True)
@asynchronous
async def need_add(settings: Settings, /, *, firmness: str, **said: Any) -> None:
    """Publish a need called TITLE, signed with --key."""
    await _publish(settings, "need", ListingOptions(**said), {"firmness": firmness})


def _add_readers(group: click.Group, kind: str) -> None:
    """Give a group the commands that are the same for offers and needs."""

    @group.command("list")
    @click.argument("query", required=False)
    @click.option("--category", help="Only this category and those below it.")
    @click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
    @asynchronous
    async def list_them(settings: Settings, query: str | None, category: str | None, limit: int) -> None:
        async with connected(settings) as client:
            pages = client.pages(f"/{kind}s", "listings", limit=limit, q=query, category=category)
            views = [view async for view in pages]
        if settings.output.json_wanted:
            settings.output.result(views)
        else:
            settings.output.table([listing_row(view) for view in views], COLUMNS, empty=f"No {kind} fits.")

    @group.command("show")
    @click.argument("identifier", metavar="ID", type=IdentifierType(kind))
    @asynchronous
    async def show(settings: Settings, identifier: str) -> None:
        async with connected(settings) as client:
            view = await client.get(f"/{kind}s/{identifier}")
        settings.output.result(view, listing_lines(view))

    @group.command("end")
    @click.argument("identifier", metavar="ID", type=IdentifierType(kind))
    @asynchronous
    async def end(settings: Settings, identifier: str) -> None:
        async with desk(settings) as at:
            body, previous = await current_body(at, identifier)
            thing = from_text(identifier)[1]
            record = at.author.make(kind, {**body, "until_ms": now_ms()}, thing=thing, previous=previous)
            await at.client.submit_one(record)
        settings.output.result(
            {kind: identifier, "record": to_text(kind, record.id)}, f"{identifier} ends now; it can be ordered no more."
        )

    list_them.help = f"Find {kind}s, local ones first; QUERY ignores case and accents."
    show.help = f"Show one {kind}."
    end.help = f"End one of your {kind}s."


async def current_body(at: Desk, identifier: str) -> tuple[dict[str, Any], bytes]:
    """Fetch the current revision of a thing of the author's own network, and its body.

    Returns:
        The body and the revision's record id.
    """
    from cli.proofs import prove

    view = await at.client.get(f"/{from_text(identifier)[0]}s/{identifier}")
    record = (await prove(at.client, str(view["record"]))).record
    return record.body_value(), record.id


@offer.command("revise")
@click.argument("identifier", metavar="ID", type=IdentifierType("offer"))
@click.option("--title")
@click.option("--quantity")
@click.option("--price", "prices", multiple=True, help="The whole new price.")
@click.option("--about")
@click.option("--until", "until_ms", type=DAY)
@asynchronous
async def offer_revise(
    settings: Settings,
    *,
    identifier: str,
    title: str | None,
    quantity: str | None,
    prices: tuple[str, ...],
    about: str | None,
    until_ms: int | None,
) -> None:
    """Change one of your offers; what isn't given stays."""
    async with desk(settings) as at:
        body, previous = await current_body(at, identifier)
        options = ListingOptions(
            title=title or body["title"], category=body["category"], quantity=quantity, prices=prices, about=about
        )
        changed = listing_body(options, at.credit)
        given = {"title": title, "quantity": quantity, "price": prices, "about": about}
        body |= {name: changed[name] for name, value in given.items() if value}
        if quantity and changed["measure"] not in {body["measure"], "C62"}:
            raise UsageProblemError(
                f"The offer is in {measure_text(body['measure'])}, "
                f"the new quantity in {measure_text(changed['measure'])}.",
                next_step="Give the quantity in the offer's measure.",
            )
        if prices:
            body.pop("composition", None)
        if until_ms is not None:
            body["until_ms"] = until_ms
        record = at.author.make("offer", body, thing=from_text(identifier)[1], previous=previous)
        await at.client.submit_one(record)
    settings.output.result({"offer": identifier, "record": to_text("offer", record.id)}, f"{identifier} has changed.")


async def _publish(settings: Settings, kind: str, options: ListingOptions, extra: dict[str, Any]) -> None:
    async with desk(settings) as at:
        body = listing_body(options, at.credit) | {name: value for name, value in extra.items() if value is not None}
        record = at.author.make(kind, body)
        outcome = await at.client.submit_one(record)
    text = to_text(kind, record.id)
    settings.output.result({kind: text, **outcome.answer}, f"Published: {options.title}  {text}")


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else from_text(text)[1]


_add_readers(offer, "offer")
_add_readers(need, "need")
