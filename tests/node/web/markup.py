"""Reads a page strictly: every tag closed in order, and what a reader, a browser and a blind reader's program find."""

from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
# Where a browser would load or send something.
LOADING = {"script": "src", "link": "href", "img": "src", "use": "href", "form": "action", "iframe": "src"}


class Page(HTMLParser):
    """A page taken apart.

    Attributes:
        faults: what isn't well formed.
        tags: every tag with its attributes.
        headings: the levels of the headings, in order.
        text: what is read, in one string.
        loads: addresses that a browser fetches by itself.
        links: addresses that a reader may follow.
    """

    def __init__(self, source: str) -> None:
        """Read a page."""
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.headings: list[int] = []
        self.loads: list[str] = []
        self.links: list[str] = []
        self._open: list[str] = []
        self._text: list[str] = []
        self.feed(source)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self._open]

    @property
    def text(self) -> str:
        """What is read, blanks joined."""
        return " ".join(" ".join(self._text).split())

    @property
    def ids(self) -> list[str]:
        """The ids, in order."""
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]

    def of(self, tag: str) -> list[dict[str, str]]:
        """Give the attributes of all tags of a name."""
        return [attributes for name, attributes in self.tags if name == tag]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag apart."""
        attributes = {name: value or "" for name, value in attrs}
        if len(attributes) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        self.tags.append((tag, attributes))
        if tag not in VOID:
            self._open.append(tag)
        if tag in LOADING and LOADING[tag] in attributes and attributes.get("rel") not in ("alternate", "next"):
            self.loads.append(attributes[LOADING[tag]])
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append(int(tag[1]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag of SVG that closes itself."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Want the tag that was opened last."""
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1:] or 'nothing'}")
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Keep what is read."""
        if not self._open or self._open[-1] not in ("script", "style"):
            self._text.append(data)
