"""`make screenshots`: pictures of every sort of page, on a phone and on a desk, by day and by night.

Walks from the first page of a node along its own links, keeps the first address of each sort (/offers, /offers/ID, …),
and has Chromium take each four times. Without --url it looks for the demo of `make run`, and starts one of its own
in a temporary folder where none answers.
"""

import argparse
import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from urllib.parse import urljoin, urlsplit

DEMO_URL = "http://127.0.0.1:8801"
# Tall windows, so that one picture shows most of a page.
SIZES = {"phone": (390, 2200), "desk": (1280, 1800)}
# Chromium's own numbers for what a reader's system asks for.
LIGHTS = {"day": 1, "night": 0}
QUIET = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PAGES_MAX = 40
START_SECONDS_MAX = 60


class Links(HTMLParser):
    """Collects the addresses that a page links to."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the address of a link."""
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def sort_of(url: str) -> str:
    """The sort of page behind an address: its path with ids and searches left out."""
    parts = urlsplit(url)
    path = re.sub(r"[a-z_]+:[a-z2-7]{52}|[a-z2-7]{52}|\d+", "ID", parts.path)
    path = re.sub(r"^/categories/.+", "/categories/NAME", path)
    return path.rstrip("/") + ("?" if parts.query else "")


def pages(start: str) -> dict[str, str]:
    """Walk along a node's own links.

    Returns:
        The sort of page → the first address of that sort, in the order found.
    """
    found = {sort_of(start): start}
    waiting = [start]
    while waiting and len(found) < PAGES_MAX:
        links = Links()
        url = waiting.pop(0)
        with contextlib.suppress(urllib.error.URLError), urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 -- our own node
            if answer.headers.get_content_type() == "text/html":
                links.feed(answer.read().decode())
        for link in links.found:
            target = urljoin(url, link).partition("#")[0]
            is_ours = target.startswith(start) and not urlsplit(target).path.startswith(("/api/", "/static/", "/feed"))
            is_ours = is_ours and "lang=" not in target
            if is_ours and sort_of(target) not in found:
                found[sort_of(target)] = target
                waiting.append(target)
    return found


def take(url: str, file: Path, size: tuple[int, int], light: int, language: str) -> None:
    """Have Chromium take one picture, as a reader of a language by day or by night.

    Raises:
        RuntimeError: Chromium gave none; the message holds what it said.
    """
    with tempfile.TemporaryDirectory() as profile:
        command = ["chromium", *QUIET, f"--user-data-dir={profile}", f"--accept-lang={language}"]
        sight = [f"--window-size={size[0]},{size[1]}", f"--blink-settings=preferredColorScheme={light}"]
        shot = [*sight, f"--screenshot={file}", url]
        done = subprocess.run([*command, *shot], capture_output=True, text=True, timeout=120, check=False)
    if not file.exists():
        raise RuntimeError(f"no picture of {url}: {done.stderr.strip()[-400:]}")


@contextlib.contextmanager
def demo() -> Iterator[str]:
    """Run a demo in a temporary folder, unless one answers already; give the first node's address."""
    if _answers(DEMO_URL):
        yield DEMO_URL
        return
    folder = tempfile.mkdtemp(prefix="mutirao-pictures-")
    program = Path(sys.executable).parent / "mutirao"
    process = subprocess.Popen([str(program), "demo", "--dir", folder], stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + START_SECONDS_MAX
        while not _answers(DEMO_URL):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the demo did not start; try `make run`")
            time.sleep(0.2)
        yield DEMO_URL
    finally:
        process.terminate()
        process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: Sequence[str]) -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("dist/screenshots"), help="folder (default: dist/screenshots)")
    parser.add_argument("--language", default="pt-BR", help="pt-BR, es or en (default: pt-BR)")
    parser.add_argument("--url", help=f"a node (default: {DEMO_URL}, or a demo of its own)")
    options = parser.parse_args(arguments)
    if shutil.which("chromium") is None:
        print("chromium is missing; install it: sudo apt-get install chromium", file=sys.stderr)
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    with contextlib.nullcontext(options.url.rstrip("/")) if options.url else demo() as start:
        for sort, url in pages(f"{start}/").items():
            name = re.sub(r"\W+", "-", sort).strip("-") or "first"
            for (size_name, size), (light_name, light) in product(SIZES.items(), LIGHTS.items()):
                file = (options.out / f"{name}.{size_name}.{light_name}.png").resolve()
                take(url, file, size, light, options.language)
                print(file, url, sep="\t", flush=True)
    return 0


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:  # noqa: S310 -- our own node
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
