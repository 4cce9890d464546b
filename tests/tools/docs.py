"""Writes the parts of docs/ that are derived from the code, and finds those that are out of date.

A derived part stands between `<!-- generated: NAME -->` and `<!-- end -->`; the text around it is written by hand.
`python -m tests.tools.docs` brings all of them up to date; tests/test_docs.py fails while one is not.
"""

import ast
import dataclasses
import importlib
import importlib.util
import inspect
import itertools
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click

from protocol.errors import CodeEnum
from tests.tools import tree

BLOCK = re.compile(r"(<!-- generated: (?P<name>[\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def module_rows(package: str) -> str:
    """One row a module with the first sentence of its docstring, in order of path, so that merges rarely meet."""
    rows = [
        f"| [{path}](../{path}) | {_cell(_first_sentence(tree.docstring(path)))} |" for path in tree.modules(package)
    ]
    return "\n".join(["| module | what it is |", "|---|---|", *rows])


def refusals() -> str:
    """Every code of every enum of codes, with its explanation and what to do next, in the order of the enum."""
    sections = []
    for enum in sorted(code_enums(), key=lambda found: (found.__module__, found.__name__)):
        path = enum.__module__.replace(".", "/") + ".py"
        rows = [
            f'| <a id="{member.value}"></a>`{member.value}` | {_cell(member.explanation)} | {_cell(member.next_step)} |'
            for member in enum
        ]
        title = _first_sentence(inspect.getdoc(enum) or enum.__name__).rstrip(".")
        header = ["| code | what it means | what to do next |", "|---|---|---|"]
        sections.append("\n".join([f"## {title}", "", f"From `{path}`.", "", *header, *rows]))
    return "\n\n".join(sections)


def code_enums() -> list[type[CodeEnum]]:
    """The enums of wire codes of all our modules."""
    found: list[type[CodeEnum]] = []
    for path in tree.modules():
        names = [node.name for node in tree.parse(path).body if isinstance(node, ast.ClassDef) and _is_codes(node)]
        module = importlib.import_module(_module_name(path)) if names else None
        found += [getattr(module, name) for name in names]
    return found


def config_keys() -> str:
    """Every key of node.toml with its default, its environment variable and its line of the docstring."""
    from node.config import Config

    described = _attributes(inspect.getdoc(Config) or "")
    rows = []
    for field in dataclasses.fields(Config):
        if field.name == "directory":
            continue
        default = "required" if field.default is dataclasses.MISSING else f"`{_toml(field.default)}`"
        variable = f"`MUTIRAO_{field.name.upper()}`"
        rows.append(f"| `{field.name}` | {default} | {variable} | {_cell(described.get(field.name, ''))} |")
    return "\n".join(["| key | default | environment | meaning |", "|---|---|---|---|", *rows])


def limits() -> str:
    """Every bound of protocol/limits.py with its value and its reason."""
    lines: list[str] = []
    path = "protocol/limits.py"
    values = vars(importlib.import_module("protocol.limits"))
    source = (tree.ROOT / path).read_text("utf-8").splitlines()
    body = tree.parse(path).body
    heading_at = 0
    for node, following in itertools.pairwise(body):
        name = _constant_name(node)
        reason = _text(following)
        if not name or reason is None:
            continue
        headings = [line[2:] for line in source[heading_at : node.lineno] if re.fullmatch(r"# [^.]+", line)]
        if headings:
            lines += ["", f"## {headings[-1]}", "", "| bound | value | reason |", "|---|---:|---|"]
        heading_at = node.lineno
        value = values[name]
        shown = f"{value:,}".replace(",", " ") if isinstance(value, int) else str(value)  # a narrow space
        lines.append(f"| `{name}` | {shown} | {_cell(reason)} |")
    return "\n".join(lines).strip()


def metrics() -> str:
    """Every metric with what it says of itself, read out of the calls that make them."""
    source = (tree.ROOT / "node/api/system.py").read_text("utf-8")
    found = re.findall(r'_gauge\(\s*"(mutirao_\w+)",\s*"([^"]+)"', source)
    assert len(found) == source.count("_gauge(") - 1, "a metric is made in a form that is not read here"
    return "\n".join(["| metric | meaning |", "|---|---|", *(f"| `{name}` | {_cell(says)} |" for name, says in found)])


def commands() -> str:
    """Every command with its usage, arguments and options, as its own --help tells them."""
    if importlib.util.find_spec("cli.main") is None:
        return "No command stands yet."
    main = importlib.import_module("cli.main").main
    return "\n\n".join(_command_section(name, command, context) for name, command, context in walk(main, "mutirao"))


def routes() -> str:
    """Every address of the HTTP interface with its parameters, body and answer, by subject."""
    from node.api.openapi import document
    from node.api.routes import ROUTES

    paths = document(ROUTES, version="")["paths"]
    sections = []
    for tag in dict.fromkeys(route.tag for route in ROUTES):
        lines = [f"## {tag.capitalize()}"]
        for route in (route for route in ROUTES if route.tag == tag):
            parameters = paths[route.path][route.method.lower()]["parameters"]
            body = [f"- body: `{route.body.__name__}`"] if route.body else []
            answer = f"`{route.answer.__name__}`" if route.answer else f"`{route.content_type or 'text/plain'}`"
            lines += ["", f"### {route.method} {route.path}", "", route.summary, "", f"- for: {route.access.value}"]
            lines += [f"- `{one['name']}`: {_schema(one['schema'])}" for one in parameters if one["in"] == "query"]
            lines += [*body, f"- answer: {answer}, {route.status}"]
        sections.append("\n".join(lines))
    return "\n\n".join(sections)


def api_shapes() -> str:
    """Every type that a request or an answer of the HTTP interface is made of, with its fields."""
    from node.api.openapi import document
    from node.api.routes import ROUTES

    sections = []
    for name, shape in sorted(document(ROUTES, version="")["components"]["schemas"].items()):
        rows = [
            f"| `{field}` | {_schema(schema)} | {'yes' if field in shape.get('required', ()) else ''} |"
            for field, schema in shape["properties"].items()
        ]
        header = ["| field | type | always there |", "|---|---|---|"]
        described = " ".join(shape.get("description", "").split())
        sections.append("\n".join([f"### {name}", "", described, "", *header, *rows]))
    return "\n\n".join(sections)


def _schema(schema: dict[str, Any]) -> str:
    """A JSON schema in words."""
    if "$ref" in schema:
        return f"`{schema['$ref'].rpartition('/')[2]}`"
    if "anyOf" in schema:
        return " or ".join(_schema(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_schema(schema['items'])}"
    bounds = {"minimum": "from {}", "maximum": "to {}", "maxLength": "at most {} characters"}
    words = [
        str(schema.get("type", "anything")),
        *(text.format(schema[k]) for k, text in bounds.items() if k in schema),
    ]
    if schema.get("default") not in (None, "", []):
        words.append(f"(else {schema['default']})")
    return " ".join(words)


def measures() -> str:
    """Every measure with its code, names, dimension and factor."""
    from protocol.measures import MEASURES

    header = ["| code | symbol | pt | es | en | dimension | base measures in one |", "|---|---|---|---|---|---|---:|"]
    rows = [
        f"| `{one.code}` | {one.symbol} | {one.labels['pt']} | {one.labels['es']} | {one.labels['en']} "
        f"| {one.dimension} | {'the item says' if one.is_pack else one.factor} |"
        for one in MEASURES.values()
    ]
    return "\n".join([*header, *rows])


def categories() -> str:
    """Every category under its broader one, with labels and the mark of what is essential."""
    from protocol.categories import CATEGORIES, path

    header = ["| id | pt | es | en | essential |", "|---|---|---|---|---|"]
    rows = [
        f"| {'· ' * (len(path(one.id)) - 1)}`{one.id}` | {one.labels['pt']} | {one.labels['es']} | {one.labels['en']} "
        f"| {'yes' if one.essential else ''} |"
        for one in CATEGORIES.values()
    ]
    return "\n".join([*header, *rows])


def walk(
    command: click.Command, name: str, parent: click.Context | None = None
) -> Iterator[tuple[str, click.Command, click.Context]]:
    """(full name, command, context) of a command and all below it, depth first, sorted by name."""
    context = click.Context(command, info_name=name.rpartition(" ")[2], parent=parent)
    yield name, command, context
    if isinstance(command, click.Group):
        for child_name in sorted(command.list_commands(context)):
            child = command.get_command(context, child_name)
            if child is not None and not child.hidden:
                yield from walk(child, f"{name} {child_name}", context)


PARTS: dict[str, Callable[[], str]] = {
    "modules protocol": lambda: module_rows("protocol"),
    "modules node": lambda: module_rows("node"),
    "modules cli": lambda: module_rows("cli"),
    "refusals": refusals,
    "config": config_keys,
    "limits": limits,
    "metrics": metrics,
    "commands": commands,
    "routes": routes,
    "api shapes": api_shapes,
    "measures": measures,
    "categories": categories,
}


def fresh(text: str) -> str:
    """The text of a page with its derived parts up to date.

    Raises:
        KeyError: A block has a name that is not in PARTS.
    """
    return BLOCK.sub(lambda found: f"{found[1]}\n{PARTS[found['name']]()}\n\n{found[3]}", text)


def pages() -> list[str]:
    """Paths of the pages of docs/."""
    return [path for path in tree.files() if path.startswith("docs/") and path.endswith(".md")]


def main() -> int:
    """Bring every page up to date; name those that changed."""
    for path in pages():
        before = (tree.ROOT / path).read_text("utf-8")
        after = fresh(before)
        if after != before:
            (tree.ROOT / path).write_text(after, "utf-8")
            print(path)
    return 0


def _command_section(name: str, command: click.Command, context: click.Context) -> str:
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    lines = [f"## {name}", "", inspect.cleandoc(command.help or ""), "", "```", usage, "```"]
    common = {parameter.name for parameter in context.find_root().command.params} if context.parent else set()
    rows = []
    for parameter in command.params:
        if parameter.name in common:
            continue  # told once, with the outermost command
        record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
        if record:
            rows.append(f"| `{_cell(record[0])}` | {_cell(record[1])} |")
    if rows:
        lines += ["", "| option | meaning |", "|---|---|", *rows]
    return "\n".join(lines)


def _is_codes(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "CodeEnum" for base in node.bases)


def _module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _first_sentence(text: str) -> str:
    paragraph = " ".join(text.split("\n\n", maxsplit=1)[0].split())
    return re.split(r"(?<=[.!?]) (?=[A-ZÀ-Ý`])", paragraph)[0]


def _attributes(docstring: str) -> dict[str, str]:
    """The `name: text` lines of a Google docstring's Attributes, continued lines joined."""
    section = docstring.partition("Attributes:\n")[2]
    found = re.findall(r"^    (\w+): (.*(?:\n     +.*)*)", section, re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in found}


def _constant_name(node: ast.stmt) -> str:
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return target.id if isinstance(target, ast.Name) and target.id.isupper() else ""


def _text(node: ast.stmt) -> str | None:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return node.value.value
    return None


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
