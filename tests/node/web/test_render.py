"""The frame of every page: language and its cookie, headers, addresses."""

import re

import pytest
from yarl import URL

from node.web.render import address, href_of
from tests.node.web.conftest import Site
from tests.node.web.test_routes import read


async def test_a_chosen_language_is_remembered(site: Site) -> None:
    """?lang= shows the page in that language and sets a cookie that the next page follows."""
    chosen = await site.get("/?lang=es")
    cookie = chosen.cookies["mutirao_language"]
    following = await site.get("/needs", headers={"Accept-Language": "en"})

    assert "es" == chosen.headers["Content-Language"]
    assert "Lax" == cookie["samesite"]
    assert cookie["httponly"]
    assert "es" == following.headers["Content-Language"]


async def test_a_strange_language_is_not_remembered_as_it_came(site: Site) -> None:
    """Whatever stands behind ?lang=, the cookie holds one of our languages."""
    answer = await site.get("/?lang=%0d%0aSet-Cookie:x")

    assert "pt-BR" == answer.cookies["mutirao_language"].value


async def test_pages_vary_by_reader(site: Site) -> None:
    """Caches are told what an answer depends on, and to ask again."""
    answer = await site.get("/")

    assert "Accept-Language" in answer.headers["Vary"]
    assert "no-cache" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["//evil.example/x", "/%5Cevil.example/x", "/%5C/evil.example", "/x%0d%0ay:z"])
async def test_no_address_leads_a_link_elsewhere(site: Site, path: str) -> None:
    """The links that change the language stay at this site, whatever address the page was asked for under."""
    base = str(site.make_url("/")).rstrip("/")
    answer = await site.session.get(URL(base + path, encoded=True))
    links = re.findall(r'href="([^"]*lang=[^"]*)"', await answer.text())

    assert answer.status == 404
    assert links
    assert all(re.match(r"/[a-z]", link) and "\\" not in link and "\n" not in link for link in links)


async def test_language_links_keep_the_search(site: Site) -> None:
    """Changing the language stays on the page and keeps what was searched, even odd names in the query."""
    page = await read(site, "/offers?q=mel&path=x&query=y")

    assert any("lang=en" in link and "q=mel" in link for link in page.links)


async def test_the_way_one_is_on_is_marked(site: Site) -> None:
    """The navigation says where the reader is, for eyes and ears."""
    page = await read(site, "/needs")

    assert ["/needs"] == [one["href"] for one in page.of("a") if one.get("aria-current") == "page"]


def test_addresses_leave_out_what_is_empty() -> None:
    """No empty parameters in links."""
    assert "/offers" == address("/offers", {"q": "", "cursor": None})
    assert "/offers?q=a+b" == address("/offers", {"q": "a b"})


def test_only_kinds_with_a_page_are_linked() -> None:
    """A place or item has no page yet, so it has no link."""
    assert "/offers/abc" == href_of("offer", "offer:abc")
    assert "" == href_of("item", "item:abc")
