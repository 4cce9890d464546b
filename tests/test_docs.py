"""The pages of docs/ are true: derived parts are up to date, links lead somewhere, rules that code cites exist."""

import re
from pathlib import Path, PurePosixPath

import pytest

from tests.tools import docs, tree

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
ANCHOR = re.compile(r'<a id="([^"]+)">')
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^```python test\n(.*?)^```", re.MULTILINE | re.DOTALL)
# "spec/04-ledger L-12" in code; "**L-12**" in the page.
CITED = re.compile(r"spec/(\d\d-[a-z]+)(?:\.md)?[ ,]+([A-Z]+-\d+)")
RULE = re.compile(r"\*\*([A-Z]+-\d+)\*\*")
# A path of the tree in backticks: `tests/protocol/test_codec.py`, `node/sample/`.
PATH = re.compile(r"`((?:protocol|node|cli|tests|docs|\.ci)/[\w./-]*|[a-z]+\.(?:toml|txt)|Makefile)`")
OF_A_NODE = {"node.toml"}
SENTENCES = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\d)[.!?] (?=[A-ZÀ-Ý`*])")
MARKDOWN = [path for path in tree.files() if path.endswith(".md")]


def test_derived_parts_are_up_to_date() -> None:
    """Rows of modules, refusals, settings, bounds and commands are those of the code."""
    stale = [path for path in docs.pages() if docs.fresh(read(path)) != read(path)]

    assert not stale, f"out of date: {', '.join(stale)}; run: python -m tests.tools.docs"


def test_every_derived_part_has_its_place() -> None:
    """Each derived part stands in exactly one page, so no module, code, setting, bound or command is left out."""
    found = [match["name"] for path in docs.pages() for match in docs.BLOCK.finditer(read(path))]

    assert sorted(docs.PARTS) == sorted(found)


def test_every_setting_and_code_is_explained() -> None:
    """No setting lacks its meaning, no code its explanation and next step."""
    empty = [line for part in ("config", "refusals") for line in docs.PARTS[part]().splitlines() if "|  |" in line]

    assert not empty, "\n".join(empty)


@pytest.mark.parametrize("path", MARKDOWN)
def test_links_lead_somewhere(path: str) -> None:
    """A link to a file of the repository leads to a file that is there, and its anchor to a heading of it."""
    broken = [link for link in LINK.findall(FENCE.sub("", read(path))) if not _leads(path, link)]

    assert not broken, f"{path}: {', '.join(broken)}"


@pytest.mark.parametrize("path", MARKDOWN)
def test_paths_exist(path: str) -> None:
    """A path of the tree that a page names is there."""
    named = set(PATH.findall(FENCE.sub("", read(path)))) - OF_A_NODE
    gone = sorted(name for name in named if not (tree.ROOT / name).exists())

    assert not gone, f"{path}: {', '.join(gone)}"


@pytest.mark.parametrize("path", MARKDOWN)
def test_one_sentence_stands_on_a_line(path: str) -> None:
    """A line of prose holds one sentence, so that a change of one sentence shows as such; tables and code apart."""
    prose = FENCE.sub(_blank, docs.BLOCK.sub(_blank, read(path)))
    crowded = [
        f"{path}:{number}: {line}"
        for number, line in enumerate(prose.splitlines(), 1)
        if not line.startswith("|") and SENTENCES.search(line)
    ]

    assert not crowded, "\n".join(crowded)


@pytest.mark.parametrize("path", [path for path in MARKDOWN if path.startswith("docs/")])
def test_pages_begin_with_a_title(path: str) -> None:
    """A page opens with its title, and has one only."""
    titles = re.findall(r"^# .+", FENCE.sub("", read(path)), re.MULTILINE)

    assert len(titles) == 1
    assert read(path).startswith(titles[0])


def test_every_page_is_in_the_index() -> None:
    """docs/index.md leads to every page, directly or through the page of its folder."""
    reached = {"docs/index.md"}
    waiting = ["docs/index.md"]
    while waiting:
        path = waiting.pop()
        for link in LINK.findall(read(path)):
            target = _target(path, link)
            if target in MARKDOWN and target not in reached:
                reached.add(target)
                waiting.append(target)
    lost = sorted(set(docs.pages()) - reached)

    assert not lost, f"no way from docs/index.md to {', '.join(lost)}"


def test_rules_that_code_cites_exist() -> None:
    """A rule cited as `spec/04-ledger L-12` stands in docs/spec/04-ledger.md as **L-12**."""
    rules = {
        PurePosixPath(path).stem: set(RULE.findall(read(path)))
        for path in docs.pages()
        if path.startswith("docs/spec/")
    }
    missing = [
        f"{path}: spec/{page} {rule}"
        for path in tree.modules(*tree.PACKAGES, "tests")
        if path != "tests/test_docs.py"
        for page, rule in CITED.findall(read(path))
        if rule not in rules.get(page, set())
    ]

    assert not missing, "\n".join(missing)


def test_rules_have_one_number_each() -> None:
    """No two rules of the specification share a number."""
    pages = [path for path in docs.pages() if path.startswith("docs/spec/")]
    numbers = [number for path in pages for number in re.findall(r"^- \*\*([A-Z]+-\d+)\*\*", read(path), re.MULTILINE)]
    doubled = sorted({number for number in numbers if numbers.count(number) > 1})

    assert not doubled, f"numbered twice: {', '.join(doubled)}"


def test_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples marked `python test` of a page run, one after the other, as they stand."""
    monkeypatch.chdir(tmp_path)
    for path in MARKDOWN:
        names: dict[str, object] = {}
        for example in EXAMPLE.findall(read(path)):
            exec(compile(example, path, "exec"), names)  # noqa: S102 -- our own page


def read(path: str) -> str:
    """The text of a file of the repository."""
    return (tree.ROOT / path).read_text("utf-8")


def _blank(found: re.Match[str]) -> str:
    return "\n" * found.group().count("\n")


def _target(path: str, link: str) -> str:
    """The file that a link of a page names, relative to the root."""
    name = link.partition("#")[0]
    if not name:
        return path
    folder = (tree.ROOT / path).parent
    resolved = (folder / name).resolve()
    return str(resolved.relative_to(tree.ROOT)) if resolved.is_relative_to(tree.ROOT) else ""


def _leads(path: str, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return True
    target = _target(path, link)
    anchor = link.partition("#")[2]
    if not target or not (tree.ROOT / target).exists():
        return False
    return not anchor or anchor in _anchors(target)


def _anchors(path: str) -> set[str]:
    text = FENCE.sub("", read(path))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(ANCHOR.findall(text))
