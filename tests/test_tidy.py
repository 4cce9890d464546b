"""House rules that no tool on the shelf holds: lengths, docstrings, and words that must not be in the repository."""

import ast
import re

from tests.tools import tree

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
REASON_WORDS_MIN = 4

# Written in pieces, so that this file passes its own check.
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.})/-])/(?:work|tmp|root|farm)/|/opt/py" r"pi|\.\.[/]shared/")
REGISTRY_HOSTS = re.compile(
    r"py" r"pi\.org|python" r"hosted\.org|npm" r"js\.org|--(?:extra-)?index" r"-url", re.IGNORECASE
)
WORKING_WORDS = re.compile(
    r"\b(?:coding|working|work|development) ses" r"sion\b|\bsub-?a" r"gents?\b|\bas an A" r"I\b|\bcla" r"ude\b",
    re.IGNORECASE,
)
GENERATED = ("LICENSE", "constraints.txt")


def test_files_are_short() -> None:
    """A Python file has at most 400 lines, unless its docstring gives the reason: `Length: why it is one file`."""
    long = [
        f"{path}: {count} lines; split it, or state the reason in its docstring as `Length: …`"
        for path in tree.modules(*tree.PACKAGES, "tests")
        if (count := len((tree.ROOT / path).read_text("utf-8").splitlines())) > FILE_LINES_MAX
        and len(tree.stated(path, "Length").split()) < REASON_WORDS_MIN
    ]

    assert not long, "\n".join(long)


def test_functions_are_short() -> None:
    """A function has at most 70 lines beside its docstring."""
    long = [
        f"{path}:{node.lineno}: {node.name} has {lines} lines"
        for path in tree.modules(*tree.PACKAGES, "tests")
        for node in ast.walk(tree.parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := _lines_beside_docstring(node)) > FUNCTION_LINES_MAX
    ]

    assert not long, "\n".join(long)


def test_modules_say_what_they_are() -> None:
    """Every module opens with a docstring, whose first sentence becomes its row in docs/architecture.md."""
    mute = [path for path in tree.modules(*tree.PACKAGES, "tests") if not tree.docstring(path)]

    assert not mute, f"without a module docstring: {', '.join(mute)}"


def test_tests_say_what_must_hold() -> None:
    """Every test opens with a sentence that says what must hold."""
    mute = [
        f"{path}:{node.lineno}: {node.name}"
        for path in tree.modules("tests")
        for node in ast.walk(tree.parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]

    assert not mute, "\n".join(mute)


def test_nobody_imports_a_private_name() -> None:
    """A name that begins with an underscore stays in its module; tests may look inside."""
    found = [
        f"{path}:{node.lineno}: {alias.name} of {node.module}"
        for path in tree.modules()
        for node in ast.walk(tree.parse(path))
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
        if alias.name.startswith("_")
    ]

    assert not found, "\n".join(found)


def test_only_the_command_prints() -> None:
    """protocol and node never print: results are returned, and what an operator must know is logged."""
    prints = [
        f"{path}:{node.lineno}"
        for path in tree.modules("protocol", "node")
        for node in ast.walk(tree.parse(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "pprint")
    ]

    assert not prints, f"print in {', '.join(prints)}"


def test_nothing_is_left_unfinished() -> None:
    """No file carries a note to finish it later."""
    _refuse(UNFINISHED, "finish it, or open an issue")


def test_no_path_of_a_machine_is_written_down() -> None:
    """No file names a folder of the machine that it was written on."""
    _refuse(MACHINE_PATHS, "use a path below the root, a temporary folder or a setting")


def test_no_registry_is_written_down() -> None:
    """Where packages come from is the business of the machine that installs them."""
    _refuse(REGISTRY_HOSTS, "leave the choice of the registry to the machine")


def test_the_repository_tells_of_the_program_only() -> None:
    """Text and code tell of the program, never of how somebody came to write it."""
    _refuse(WORKING_WORDS, "tell what the program does")


def _refuse(pattern: re.Pattern[str], remedy: str) -> None:
    found = [
        f"{path}:{number}: {match.group()!r}: {remedy}"
        for path, text in tree.texts()
        if path not in GENERATED
        for number, line in enumerate(text.splitlines(), 1)
        for match in pattern.finditer(line)
    ]

    assert not found, "\n".join(found)


def _lines_beside_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if is_docstring else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - docstring
