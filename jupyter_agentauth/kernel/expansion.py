"""``{variable}`` in a cell's prompt, much as IPython's own magics have it in their line.

IPython evaluates whatever stands in the braces, and leaves the whole line alone when any part
fails. A prompt is prose and code, often pasted from elsewhere: so names, their attributes and
their items are looked up, and nothing is called or computed. Each brace is looked at by itself:
what is no variable of this notebook, as in JSON, CSS or LaTeX, stays as it is. ``$name`` is not
replaced: prompts hold prices and shell variables.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_OPEN, _CLOSE = "{", "}"

_NAME = r"[^\W\d]\w*"
_TEXT = r"'[^'\\\n]*'|\"[^\"\\\n]*\""
_NUMBER = r"-?\d{1,18}"

#: ``rows[0]``, ``row['a']``, ``rows[1:3]``, ``table[key]`` and ``table[row.key]``.
_INDEX = rf"{_NUMBER}|{_TEXT}|{_NAME}(?:\.{_NAME})*|(?:{_NUMBER})?:(?:{_NUMBER})?"
_STEP = rf"\.{_NAME}|\[(?:{_INDEX})\]"

#: A space after the colon is a dict's. A width of five digits would fill the memory.
_FORMAT = r"(?!\s|[^{}]*\d{5})[^{}]+"

_FIELD = re.compile(
    rf"{{\s*(?P<path>(?P<name>{_NAME})(?P<steps>(?:{_STEP})*))\s*"
    rf"(?:!(?P<conversion>[rsa]))?(?::(?P<format>{_FORMAT}))?}}"
)
_STEPS = re.compile(rf"\.(?P<attribute>{_NAME})|\[(?P<index>{_INDEX})\]")

#: What IPython would compute; longer ones are code that the prompt is about.
_EXPRESSION = re.compile(r"{([^{}\n]{1,200})}")

_CONVERSIONS: dict[str, Callable[[Any], str]] = {"r": repr, "s": str, "a": ascii}


@dataclass(frozen=True)
class Expanded:
    """A prompt, and what in it was not replaced though it looks so.

    Parameters
    ----------
    unknown : tuple of str
        Variables that there are not.
    computed : tuple of str
        Expressions with a call or an operator in them.
    """

    text: str
    unknown: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()


def expand(text: str, namespace: Mapping[str, Any]) -> Expanded:
    """Replace each ``{variable}`` by its value; ``{{`` and its ``}}`` are braces."""
    parts: list[str] = []
    unknown: list[str] = []
    computed: list[str] = []
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
                computed += _computed_at(text, index, namespace)
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
    return Expanded("".join(parts), _once(unknown), _once(computed))


def _next_brace(text: str, index: int) -> int:
    found = re.compile(r"[{}]").search(text, index)
    return found.start() if found else len(text)


def _value_at(
    text: str, start: int, namespace: Mapping[str, Any], unknown: list[str]
) -> tuple[str | None, int]:
    """Return what stands for the brace at `start`, and where it ends; None to leave it."""
    field = _FIELD.match(text, start)
    if field is None:
        return None, start
    try:
        value = _looked_up(field["name"], field["steps"], namespace)
        if field["conversion"]:
            value = _CONVERSIONS[field["conversion"]](value)
        return format(value, field["format"] or ""), field.end()
    except Exception:  # The user's own objects raise what they like.
        unknown.append(field["path"])
        return None, start


def _looked_up(name: str, steps: str, namespace: Mapping[str, Any]) -> Any:
    value = namespace[name]
    for step in _STEPS.finditer(steps):
        if step["attribute"]:
            value = getattr(value, step["attribute"])
        else:
            value = value[_index(step["index"], namespace)]
    return value


def _index(text: str, namespace: Mapping[str, Any]) -> Any:
    if text[0] in "'\"":
        return text[1:-1]
    if ":" in text:
        first, last = (int(part) if part else None for part in text.split(":"))
        return slice(first, last)
    if re.fullmatch(_NUMBER, text):
        return int(text)
    name, *attributes = text.split(".")
    value = namespace[name]
    for attribute in attributes:
        value = getattr(value, attribute)
    return value


def _computed_at(text: str, start: int, namespace: Mapping[str, Any]) -> list[str]:
    """Return the expression at a brace if it takes a variable of the notebook and computes."""
    found = _EXPRESSION.match(text, start)
    try:
        nodes = list(ast.walk(ast.parse(found[1].strip(), mode="eval"))) if found else []
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    computes = any(isinstance(node, (ast.Call, ast.BinOp, ast.IfExp)) for node in nodes)
    takes = any(isinstance(node, ast.Name) and node.id in namespace for node in nodes)
    return [found[1].strip()] if found and computes and takes else []


def _once(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
