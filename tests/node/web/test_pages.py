"""What the pages show: prices, seals, places, neighbours; and that hostile text stays text."""

from msgspec.structs import replace

from node.web.pages import PRINTED_MAX, varied
from tests.node.web.conftest import Site
from tests.node.web.markup import Page
from tests.node.web.reading import HandReading
from tests.node.web.test_routes import bare, read
from tests.node.web.views import (
    AGENTS,
    BAKERY,
    CHURCH,
    HONEY,
    NEED_BREAD,
    NETWORK,
    NOW_MS,
    OFFER_BREAD,
    SEAL,
    identifier,
    listing,
)

HOSTILE = """<script>alert(1)</script>"><img src=x onerror=alert(1)>{{ 7*191 }}'&amp;\u202e"""


async def source(site: Site, path: str) -> str:
    """Give the page as it was sent."""
    return await (await site.get(path)).text()


async def test_the_first_screen_tells_who_we_are(site: Site) -> None:
    """A visitor finds the network, its needs before its offers, its places, how to join, and its neighbours."""
    page = await read(site, "/")

    for text in (
        NETWORK.about,
        "Pão integral para a merenda",
        "Feira da Praça",
        "Como entrar na rede",
        "Rede da Serra",
    ):
        assert text is not None
        assert text in page.text
    assert page.text.index("Do que precisamos") < page.text.index("O que oferecemos")
    assert "mailto:contato@vila-esperanca.example" in page.links


def test_the_first_screen_is_varied() -> None:
    """Essentials stand first, no author or subject stands twice while others wait, and nothing is left empty."""
    many = [
        listing(1, "offer", "Colares", "jewellery", BAKERY),
        *(listing(number, "offer", f"Pão {number}", "bread", BAKERY) for number in range(2, 9)),
        listing(9, "offer", "Mel", "honey", HONEY),
    ]

    titles = [one.title for one in varied(many)]

    assert ["Pão 2", "Mel"] == titles[:2]
    assert 6 == len(titles)
    assert [] == varied([])


async def test_what_has_ended_says_so(site: Site, reading: HandReading) -> None:
    """An offer past its day can still be read, but tells that it is over instead of how to order."""
    ended = replace(OFFER_BREAD, until_ms=NOW_MS - 1)
    reading.all = [ended]
    page = await read(site, f"/offers/{bare(ended.id)}")

    assert "Esta oferta terminou em 23 de novembro de 2026." in page.text
    assert "mutirao order" not in page.text


async def test_an_offer_says_all_that_matters(site: Site) -> None:
    """Price in both parts, what it is made of, who, where, which seal, which need, and how to order today."""
    page = await read(site, f"/offers/{bare(OFFER_BREAD.id)}")
    text = page.text.replace("\u00a0", " ")

    for expected in (
        "R$ 6,00 + 4,00 E$ por kg",
        "De que se faz este preço",
        "duas padeiras, 3 h por fornada",
        "120 kg",
        BAKERY.name,
        "Produto da Vila",
        "Pão integral para a merenda",
        "Feira da Praça",
        "Pedir por esta página ainda não é possível",
        f"mutirao order place {OFFER_BREAD.id}",
    ):
        assert expected in text, expected
    assert 5 == len([one for one in page.of("rect") if "share" in one.get("class", "")])


async def test_a_need_says_who_answered(site: Site) -> None:
    """How much, how firmly, up to which price, and the offers that answer it."""
    page = await read(site, f"/needs/{bare(NEED_BREAD.id)}")

    for expected in ("Todo mês", "até", "Quem já respondeu", OFFER_BREAD.title):
        assert expected in page.text
    assert f"/offers/{bare(OFFER_BREAD.id)}" in page.links


async def test_a_mapped_group_says_that_it_has_not_joined(site: Site) -> None:
    """Who was mapped is told apart from who takes part, and told how to join or be removed."""
    page = await read(site, f"/agents/{bare(CHURCH.id)}")

    assert "Mapeado, ainda não entrou" in page.text
    assert "peça que seja apagada" in page.text
    assert "Participa desde" not in page.text


async def test_a_seal_tells_its_state_in_words(site: Site) -> None:
    """Valid until, visits missing, withdrawn by whom and when, expired; and each signed statement."""
    page = await read(site, f"/seals/{bare(SEAL.id)}")

    for expected in (
        *SEAL.criteria,
        "Vale até 11 de junho de 2027",
        "Faltam 2 visitas",
        "Retirado por Comissão do Selo Vila Limpa em 21 de novembro de 2026",
        "Venceu em 3 de novembro de 2026",
        "com interesse próprio",
        "não conta",
        "O óleo vinha de fora da região.",
    ):
        assert expected in page.text, expected


async def test_visits_without_a_decision_say_what_is_missing(site: Site, reading: HandReading) -> None:
    """Enough visits aren't a seal yet: the commission has to decide."""
    pending = replace(SEAL.subjects[1], visits=5)
    reading.all_seals = [replace(SEAL, subjects=[pending])]

    assert "falta a decisão da comissão" in (await read(site, f"/seals/{bare(SEAL.id)}")).text


async def test_neighbours_are_told_in_plain_words(site: Site) -> None:
    """Since when, up to date or how far behind, and a link only to what is an address of the web."""
    page = await read(site, "/networks")

    for expected in ("Em dia", "Faltam 12 novidades", "Sem contato", "Ligação recusada", "Rede regional"):
        assert expected in page.text
    assert 4 == len(page.of("line"))
    assert "https://litoral.example" in page.links


async def test_lists_narrow_and_page(site: Site, reading: HandReading) -> None:
    """A search keeps its words and category from page to page, and the way back to its start."""
    reading.all = [listing(number, "offer", f"Pão {number}", "bread", BAKERY) for number in range(60)]
    first = await read(site, "/offers?q=p%C3%A3o&category=bread")
    (more,) = [link for link in first.links if "cursor" in link]
    second = await read(site, more)

    assert "60 encontradas." in first.text
    assert "q=p%C3%A3o" in more
    assert "category=bread" in more
    assert "/offers?q=p%C3%A3o&category=bread" in second.links
    assert "pão" == next(one["value"] for one in first.of("input"))
    assert any("selected" in one and "bread" == one["value"] for one in first.of("option"))


async def test_an_empty_search_says_what_to_do(site: Site) -> None:
    """Nothing found: the words searched, advice, everything, and the command that states a need."""
    page = await read(site, "/offers?q=zeppelin")

    assert "Nada encontrado para “zeppelin”." in page.text
    assert "Acentos e maiúsculas não fazem diferença" in page.text
    assert "mutirao need add" in page.text
    assert "/offers" in page.links


async def test_hostile_text_stays_text(site: Site, reading: HandReading) -> None:
    """Names, titles, notes and searches never become markup, wherever they are shown."""
    author = replace(BAKERY, name=HOSTILE, network_name=HOSTILE)
    bad = replace(
        OFFER_BREAD, title=HOSTILE, about=HOSTILE, author=author, category=HOSTILE, city=HOSTILE, measure=HOSTILE
    )
    reading.all = [bad, replace(NEED_BREAD, title=HOSTILE, author=author)]
    reading.all_agents = [replace(AGENTS[0], ref=author, about=HOSTILE, contact=HOSTILE, roles=[HOSTILE])]
    reading.network_view = replace(NETWORK, name=HOSTILE, about=HOSTILE, contact=HOSTILE, colour=HOSTILE)
    subject = replace(SEAL.subjects[0], subject=replace(SEAL.subjects[0].subject, title=HOSTILE))
    reading.all_seals = [replace(SEAL, name=HOSTILE, about=HOSTILE, criteria=[HOSTILE], subjects=[subject])]
    reading.all_neighbours = [replace(reading.all_neighbours[0], name=HOSTILE, url="javascript:alert(1)", city=HOSTILE)]
    paths = [
        "/",
        "/offers",
        "/needs",
        "/agents",
        "/seals",
        "/networks",
        "/catalogue",
        "/server",
        "/offers?q=%3Cscript%3E",
    ]
    paths += [f"/offers/{bare(bad.id)}", f"/agents/{bare(author.id)}", f"/seals/{bare(SEAL.id)}"]

    for path in paths:
        page = Page(await source(site, path))

        assert [] == page.faults, path
        assert all(one.get("src", "").startswith("/static/") for one in page.of("script")), path
        assert [] == page.of("img"), path
        assert not any(name.startswith("on") for _, one in page.tags for name in one), path
        assert not any(link.startswith("javascript") for link in page.links), path
        assert "1337" not in page.text, path


async def test_the_catalogue_names_every_supplier_once(site: Site) -> None:
    """All offers by subject, all needs, and each supplier one time at the end."""
    page = await read(site, "/catalogue")
    suppliers = page.text.partition("Quem oferece, e onde está")[2]

    assert OFFER_BREAD.title in page.text
    assert NEED_BREAD.title in page.text
    assert 1 == suppliers.count(BAKERY.name)


async def test_a_catalogue_too_long_for_paper_says_so(site: Site, reading: HandReading) -> None:
    """What doesn't fit is left out, and the reader is told."""
    reading.all = [
        replace(listing(1, "offer", "Pão", "bread", BAKERY), id=f"{identifier('offer', 1)}{number}")
        for number in range(PRINTED_MAX + 1)
    ]

    page = await read(site, "/catalogue")

    assert "O catálogo é maior do que cabe aqui" in page.text


async def test_the_server_page_keeps_the_machinery_folded(site: Site) -> None:
    """Sizes and signed states stand under a details element, for operators."""
    text = await source(site, "/server")

    assert text.index("<details") < text.index("mfrggzdf") < text.index("</details>")


async def test_a_category_shows_both_sides(site: Site) -> None:
    """What is needed and what is offered, what lies below, and the way up."""
    page = await read(site, "/categories/food")

    assert "Essencial para viver" in page.text
    assert "/categories/flour" in page.links
    assert "/categories" in page.links
