"""Every page, in every language: well formed, ours alone, named, in plain words; and what happens where one fails."""

import re
from importlib import resources
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from node.clock import FixedClock
from node.web.headers import CONTENT_SECURITY_POLICY
from node.web.language import LANGUAGES
from node.web.render import make_environment
from node.web.routes import add_pages
from tests.node.web.conftest import Site
from tests.node.web.markup import Page
from tests.node.web.reading import HandReading
from tests.node.web.views import AGENTS, BAKERY, CHURCH, LISTINGS, NEED_BREAD, OFFER_BREAD, SEAL

# Words that members never read (docs/concepts/pages.md); the operators' part of /server is the one exception.
FORBIDDEN = re.compile(
    r"\b(epochs?|época|leaf|leaves|folhas?|hojas?|roots?|raiz|raíz|witness(es)?|testemunhas?|testigos?|quorum|quórum|"
    r"did:key|base32|sequencer|sequenciador|secuenciador|velocity|node|nó|nodo|merkle|hash|checkpoint|gossip|peers?)\b",
    re.IGNORECASE,
)


def bare(identifier: str) -> str:
    """Give an id without its kind, as it stands in addresses."""
    return identifier.partition(":")[2]


PAGES = [
    "/",
    "/needs",
    "/needs?category=food",
    "/offers",
    "/offers?q=nada",
    "/offers?category=honey&cursor=1",
    f"/offers/{bare(OFFER_BREAD.id)}",
    f"/needs/{bare(NEED_BREAD.id)}",
    "/agents",
    "/agents?q=nada",
    f"/agents/{bare(BAKERY.id)}",
    f"/agents/{bare(CHURCH.id)}",
    "/seals",
    f"/seals/{bare(SEAL.id)}",
    "/networks",
    "/categories",
    "/categories/food",
    "/categories/flour",
    "/server",
    "/offline",
    "/catalogue",
]


async def read(site: Site, path: str, language: str = "pt-BR", status: int = 200) -> Page:
    """Open a page as a reader of a language."""
    answer = await site.get(path, headers={"Accept-Language": language})
    assert status == answer.status, path
    return Page(await answer.text())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
async def test_pages_are_well_formed_and_accessible(site: Site, path: str, language: str) -> None:
    """A page closes its tags, has one h1 and no leap in its headings, names its fields, landmarks and pictures."""
    page = await read(site, path, language)

    assert [] == page.faults
    assert 1 == page.headings.count(1)
    assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert len(page.ids) == len(set(page.ids))
    assert language == page.of("html")[0]["lang"]
    assert {"header", "main", "footer", "nav"} <= {tag for tag, _ in page.tags}
    assert all("aria-label" in one for one in page.of("nav"))
    labels = {one.get("for") for one in page.of("label")}
    fields = [one for one in page.of("input") + page.of("select") if one.get("type") != "hidden"]
    assert all(one["id"] in labels for one in fields)
    assert all(one.get("aria-hidden") or one.get("aria-label") or one.get("aria-labelledby") for one in page.of("svg"))
    assert all(one["aria-labelledby"] in page.ids for _, one in page.tags if "aria-labelledby" in one)


@pytest.mark.parametrize("path", PAGES)
async def test_pages_load_nothing_from_elsewhere(site: Site, path: str) -> None:
    """A browser fetches from this node only, and nothing on a page is inline style or script."""
    page = await read(site, path)

    assert all(not urlsplit(address).netloc for address in page.loads), page.loads
    assert [] == page.of("style")
    assert all("src" in one for one in page.of("script"))
    assert all(not any(name == "style" or name.startswith("on") for name in one) for _, one in page.tags)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", [path for path in PAGES if path != "/server"])
async def test_members_read_plain_words(site: Site, path: str, language: str) -> None:
    """No word of the machinery stands on a page for members, except in the command that can be copied."""
    answer = await site.get(path, headers={"Accept-Language": language})
    source = re.sub(r'<div class="command">.*?</div>', "", await answer.text(), flags=re.DOTALL)

    assert [] == [match.group() for match in FORBIDDEN.finditer(Page(source).text)]


@pytest.mark.parametrize(("shelf", "identifier"), [("offers", OFFER_BREAD.id), ("needs", NEED_BREAD.id)])
async def test_an_id_opens_as_the_commands_print_it(site: Site, shelf: str, identifier: str) -> None:
    """With or without its kind in front, an id opens the same page; with another kind it opens none."""
    plain = await read(site, f"/{shelf}/{bare(identifier)}")
    printed = await read(site, f"/{shelf}/{identifier}")
    escaped = await read(site, f"/{shelf}/{identifier.replace(':', '%3A')}")

    assert plain.text == printed.text == escaped.text
    await read(site, f"/{shelf}/agent:{bare(identifier)}", status=404)


@pytest.mark.parametrize(("shelf", "identifier"), [("agents", BAKERY.id), ("seals", SEAL.id)])
async def test_people_and_seals_open_with_their_printed_id(site: Site, shelf: str, identifier: str) -> None:
    """Pages of agents and of seals take an id with its kind in front, too."""
    plain = await read(site, f"/{shelf}/{bare(identifier)}")
    printed = await read(site, f"/{shelf}/{identifier}")

    assert plain.text == printed.text


@pytest.mark.parametrize("path", PAGES)
async def test_links_lead_somewhere(site: Site, path: str) -> None:
    """Every link of a page to this node is answered."""
    page = await read(site, path)

    for address in {link for link in page.links if link.startswith("/") and not link.startswith("/api/")}:
        if urlsplit(address).path in ("/.well-known/mutirao", "/healthz"):
            continue  # belong to the API
        identifier = address.rpartition("/")[2]
        if any(identifier in one for one in ("agents", "offers")) or len(identifier) < 40 or _is_here(identifier):
            assert 200 == (await site.get(address)).status, address


async def test_every_answer_has_the_policy(site: Site) -> None:
    """Pages, files and errors alike carry the policy and its companions."""
    for path in ("/", "/look.css", "/nothing", "/feed.atom", "/service-worker.js"):
        answer = await site.get(path)

        assert CONTENT_SECURITY_POLICY == answer.headers["Content-Security-Policy"]
        assert "nosniff" == answer.headers["X-Content-Type-Options"]
        assert "default-src 'none'" in CONTENT_SECURITY_POLICY
        assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_every_template_is_opened() -> None:
    """No template stands about unused: each is rendered by some page or is part of one."""
    environment = make_environment()
    names = environment.list_templates()
    assert environment.loader is not None
    sources = "".join(environment.loader.get_source(environment, name)[0] for name in names)
    package = resources.files("node.web")
    sources += "".join(item.read_text("utf-8") for item in package.iterdir() if item.name.endswith(".py"))

    assert [] == [name for name in names if f'"{name}"' not in sources]


async def test_unknown_addresses_get_a_page(site: Site) -> None:
    """What isn't here is said on a page that tells where to go on, with its status."""
    for path in ("/nothing", "/offers/zzz", "/needs/" + "a" * 52, "/agents/x", "/seals/x", "/categories/x"):
        page = await read(site, path, status=404)

        assert "Esta página não existe" in page.text
        assert "/" in page.links


async def test_a_need_is_not_shown_as_an_offer(site: Site) -> None:
    """An id under the wrong kind is not found."""
    answer = await site.get(f"/offers/{bare(NEED_BREAD.id)}x")

    assert 404 == answer.status


async def test_failures_get_a_page_without_detail(
    site: Site, reading: HandReading, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours is logged once with its trace and shown as a page that says nothing about the machine."""

    async def fail() -> None:
        raise RuntimeError("secret path of the machine")

    monkeypatch.setattr(reading, "seals", fail)
    page = await read(site, "/seals", status=500)

    assert "Algo falhou aqui" in page.text
    assert "secret" not in page.text
    assert 1 == sum("failed" in record.message for record in caplog.records)


async def test_even_the_frame_may_fail(
    site: Site, reading: HandReading, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where not even the network's name can be read, a bare page still answers."""

    async def fail() -> None:
        raise RuntimeError("no database")

    monkeypatch.setattr(reading, "network", fail)
    page = await read(site, "/", status=500)

    assert [] == page.faults
    assert "Algo falhou aqui" in page.text
    assert caplog.records


async def test_wrong_methods_are_refused_with_a_page(site: Site) -> None:
    """A page can only be read."""
    answer = await site.post("/offers")

    assert 405 == answer.status
    assert "text/html" == answer.content_type


async def test_machine_addresses_keep_their_own_errors(site: Site) -> None:
    """Errors of the API are not turned into pages."""
    answer = await site.get("/api/v1/nothing")

    assert 404 == answer.status
    assert "text/html" != answer.content_type


async def test_pages_of_a_new_network_say_what_to_do() -> None:
    """With nothing published, each list says so and gives the command that begins it."""
    app = web.Application()
    add_pages(app, HandReading(is_empty=True), FixedClock())
    async with TestClient(TestServer(app)) as client:
        for path in ("/", "/needs", "/offers", "/agents", "/seals", "/networks", "/categories", "/catalogue"):
            page = await read(client, path)

            assert [] == page.faults
            if path != "/categories":
                assert "mutirao " in page.text, path


def _is_here(identifier: str) -> bool:
    here = [one.id for one in LISTINGS] + [one.ref.id for one in AGENTS] + [SEAL.id]
    return any(one.endswith(identifier) for one in here)
