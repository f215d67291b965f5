"""``{variable}`` in a cell's prompt, as IPython's own magics have it in their line.

IPython formats the line as a whole and leaves all of it alone when any part fails. A prompt is
prose and code, so here each brace is looked at by itself: what is no expression of this notebook,
as in JSON, CSS or LaTeX, stays as it is. ``$name`` is not replaced: prompts hold prices and
shell variables.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_OPEN, _CLOSE = "{", "}"

#: What may follow the expression: ``!r`` and ``:.2f``. A space after the colon is a dict's.
_ENDING = re.compile(r"(?:!(?P<conversion>[rsa]))?(?::(?P<format>[^\s{}][^{}]*))?\Z")

_CONVERSIONS: dict[str, Callable[[Any], str]] = {"r": repr, "s": str, "a": ascii}


@dataclass(frozen=True)
class Expanded:
    """A prompt, and what in it looked like a variable and is none."""

    text: str
    unknown: tuple[str, ...] = ()


def expand(text: str, namespace: Mapping[str, Any]) -> Expanded:
    """Replace each ``{expression}`` by its value; ``{{`` and its ``}}`` are braces."""
    parts: list[str] = []
    unknown: list[str] = []
    waiting: list[str] = []  # The braces that are open: "{{", or "{" that stays.
    index = 0
    while index < len(text):
        character = text[index]
        if text.startswith("{{", index):
            parts.append(_OPEN)
            waiting.append("{{")
            index += 2
        elif character == _OPEN:
            value, end = _value_at(text, index, namespace, unknown)
            if value is None:
                waiting.append(_OPEN)
                value, end = _OPEN, index + 1
            parts.append(value)
            index = end
        elif character == _CLOSE:
            double = waiting and waiting.pop() == "{{" and text.startswith("}}", index)
            parts.append(_CLOSE)
            index += 2 if double else 1
        else:
            following = _next_brace(text, index)
            parts.append(text[index:following])
            index = following
    return Expanded("".join(parts), tuple(dict.fromkeys(unknown)))


def _next_brace(text: str, index: int) -> int:
    found = re.compile(r"[{}]").search(text, index)
    return found.start() if found else len(text)


def _value_at(
    text: str, start: int, namespace: Mapping[str, Any], unknown: list[str]
) -> tuple[str | None, int]:
    """Return what stands for the brace at `start`, and where it ends; None to leave it."""
    for end in _ends(text, start):
        parts = _expression(text[start + 1 : end])
        if parts is None:
            continue
        expression, conversion, form = parts
        try:
            # As IPython's own magics do: the user's expression, in the user's namespace.
            value = eval(expression, {**namespace})
            if conversion:
                value = _CONVERSIONS[conversion](value)
            return format(value, form), end + 1
        except Exception:
            if re.fullmatch(r"\w+(\.\w+|\[[^\]]*\])*", expression):
                unknown.append(expression)
            return None, start
    return None, start


def _ends(text: str, start: int) -> list[int]:
    """Return the braces that may close the one at `start`: the nearest, and the balanced one."""
    depth, ends = 0, list[int]()
    for index in range(start, min(len(text), start + 2000)):
        if text[index] == _OPEN:
            depth += 1
        elif text[index] == _CLOSE:
            depth -= 1
            if not ends or depth == 0:
                ends.append(index)
            if depth == 0:
                break
    return ends


def _expression(inside: str) -> tuple[str, str, str] | None:
    """Split ``price!r:>10`` into its parts; None when it is no expression with a name in it."""
    if _names(inside):
        return inside.strip(), "", ""
    for index in (i for i, c in enumerate(inside) if c in "!:"):
        ending = _ENDING.match(inside, index)
        if ending and _names(inside[:index]):
            return inside[:index].strip(), ending["conversion"] or "", ending["format"] or ""
    return None


def _names(source: str) -> bool:
    """Tell whether it is an expression that takes something from the notebook.

    A number, a string or a list of such is more likely code that the prompt is about, and a
    tuple or a comprehension would be a set's (IPython itself writes ``{1, 2}`` as ``(1, 2)``).
    """
    try:
        tree = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    whole = (ast.Tuple, ast.GeneratorExp, ast.NamedExpr, ast.Starred, ast.Constant)
    return not isinstance(tree, whole) and any(isinstance(n, ast.Name) for n in ast.walk(tree))
