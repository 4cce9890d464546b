"""Style, scripts and pictures: from memory, compressed, kept for long under an address that changes with them."""

import re

from node.web.files import StaticFiles
from tests.node.web.conftest import Site

FILES = StaticFiles()


async def test_current_files_are_kept_for_a_year(site: Site) -> None:
    """Under today's digest a file never changes; under another one it is today's file, kept briefly."""
    current = await site.get(FILES.path("style.css"))
    old = await site.get("/static/000000000000/style.css")

    assert "immutable" in current.headers["Cache-Control"]
    assert "immutable" not in old.headers["Cache-Control"]
    assert await current.text() == await old.text()


async def test_types_are_exact(site: Site) -> None:
    """Browsers that may not guess get the right type."""
    for name, kind in (("style.css", "text/css"), ("page.js", "text/javascript"), ("icons.svg", "image/svg+xml")):
        assert kind == (await site.get(FILES.path(name))).content_type


async def test_only_our_files_are_served(site: Site) -> None:
    """No path leads out of the folder."""
    for name in ("..%2f__init__.py", "10-tokens.css", "x.css", "%2e%2e%2frender.py"):
        assert 404 == (await site.get(f"/static/{FILES.digest}/{name}")).status


async def test_uncompressed_where_asked(site: Site) -> None:
    """A browser that takes no gzip gets plain bytes."""
    answer = await site.get(FILES.path("style.css"), headers={"Accept-Encoding": "identity"})

    assert "Content-Encoding" not in answer.headers
    assert (await answer.text()).startswith("/*")


def test_style_and_scripts_ask_nobody_else() -> None:
    """No file of ours holds an address of another place or a script that is built from text."""
    for name in FILES.names():
        found = FILES.get(name)
        assert found is not None
        text = found.content.decode()

        assert [] == re.findall(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)[a-z0-9.-]+\.[a-z]{2,}", text), name
        assert not re.search(r"\beval\(|innerHTML|@import|new Function|document\.write", text), name


def test_pages_stay_light() -> None:
    """Style, script and pictures together fit in 25 kB on the wire."""
    sizes = [len(found.compressed or found.content) for name in FILES.names() if (found := FILES.get(name))]

    assert sum(sizes) < 25_000
