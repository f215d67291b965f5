"""What becomes of braces in a cell's prompt."""

from __future__ import annotations

import builtins
from contextlib import suppress
from datetime import date
from pathlib import PurePosixPath

import pytest

from jupyter_agentauth.kernel.expansion import expand

NAMESPACE = {
    "name": "fix", "price": 2.5, "rows": [{"a": 1}], "x": 5, "a": 7, "b": 8, "key": "a",
    "place": PurePosixPath("/src/a"), "day": date(2026, 1, 2),
}  # fmt: skip


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("do {name} now", "do fix now"),
        ("{name}{x}", "fix5"),
        ("{ name }", "fix"),
        ("{price:.2f} and {price!r}", "2.50 and 2.5"),
        ("{name!r:>7}|", "  'fix'|"),
        ("{rows[0]['a']} {rows[-1][key]}", "1 1"),
        ('{rows[0]["a"]:>3}|', "  1|"),
        ("{name[1:3]} {name[:1]} {name[1:]}", "ix f ix"),
        ("{place.name} {place.parent.name!r} {rows[0][place.name]}", "a 'src' 1"),
        ("{day:%Y-%m-%d}", "2026-01-02"),
    ],
)
def test_a_variable_its_attributes_and_its_items_are_replaced_by_their_value(prompt, expected):
    assert expand(prompt, NAMESPACE).text == expected
    assert expand(prompt, NAMESPACE).unknown == ()


@pytest.mark.parametrize(
    "prompt",
    [
        '{"a": 1}',
        '{"a": {"b": [1, 2]}}',
        '[{"name": "x"}, {}]',
        "{}",
        "{ }",
        "{1, 2}",
        "{1: 2}",
        "{'text'}",
        "{a, b}",
        "body { color: red; }",
        "{x: 1}",
        "if (x) { return 1; }",
        "unclosed {name",
        "closed name}",
        "}}",
        "$name costs $5 in $HOME",
        r"\frac{1}{2}",
        "for f in *; do echo $f; done",
        "{x:99999999999}",
        "{x:.99999f}",
        "{name:" + "a:" * 50_000,
        "{rows" + "[0]" * 50_000,
        "{ " * 3000,
        "{(" * 1500,
    ],
)
def test_braces_without_a_variable_of_the_notebook_stay_as_they_are(prompt):
    assert expand(prompt, NAMESPACE).text == prompt


def test_a_variable_inside_of_json_is_replaced_and_the_json_stays():
    assert expand('{"name": "{name}", "n": {x}}', NAMESPACE).text == '{"name": "fix", "n": 5}'
    assert expand("{x:{a}}", NAMESPACE).text == "{x:7}"


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("{{name}}", "{name}"),
        ("{{ {name} }}", "{ fix }"),
        ('{{"a": {"b": 1}}}', '{"a": {"b": 1}}'),
        ('{{"a": {x}}}', '{"a": 5}'),
    ],
)
def test_a_double_brace_is_a_brace(prompt, expected):
    assert expand(prompt, NAMESPACE).text == expected


def test_what_has_no_value_stays_and_is_named():
    expanded = expand("{nmae} and {rows[3]} and {name}", NAMESPACE)
    assert expanded.text == "{nmae} and {rows[3]} and fix"
    assert expanded.unknown == ("nmae", "rows[3]")


def test_a_value_is_not_expanded_again():
    assert expand("{name}", {"name": "{secret}", "secret": "no"}).text == "{secret}"


def test_a_value_that_cannot_be_shown_stays_as_it_is():
    class Bad:
        def __format__(self, form: str) -> str:
            raise RuntimeError

    assert expand("{bad}", {"bad": Bad()}).text == "{bad}"


#: Each would write to `calls` under IPython's rule, which is `eval` of what stands in the braces.
CALLS = [
    "{calls.append(1)}",
    "{note()}",
    "{note() or name}",
    "{[note() for _ in rows][0]}",
    "{rows[note()]}",
    "{rows[0].get(note())}",
    "{(lambda: note())()}",
    "{name if note() else x}",
    "{(y := note())}",
    "{name!r:{note()}}",
    "{name:{note()}}",
    "{ {note(): 1}[None] }",
    "{__import__('builtins').calls.append(1)}",
    "{name + note()}",
    "{f'{note()}'}",
    "{rows[0]['a' + note()]}",
]


@pytest.mark.parametrize("prompt", CALLS)
def test_nothing_in_a_prompt_is_called(prompt, monkeypatch):
    calls: list[int] = []
    monkeypatch.setattr(builtins, "calls", calls, raising=False)
    namespace = {**NAMESPACE, "calls": calls, "note": lambda: calls.append(1)}
    text = expand(prompt, namespace).text
    assert calls == []
    assert "(" in text  # It stands there still.


def test_those_calls_do_happen_where_an_expression_is_evaluated():
    for prompt in CALLS:
        calls: list[int] = []
        builtins.calls = calls
        namespace = {**NAMESPACE, "calls": calls, "note": lambda calls=calls: calls.append(1)}
        with suppress(Exception):
            eval("f" + repr(prompt), namespace)
        assert calls, prompt
    del builtins.calls


def test_what_the_notebook_does_not_name_is_not_looked_up():
    expanded = expand("{open} {__builtins__} {print}", {})
    assert expanded.text == "{open} {__builtins__} {print}"
    assert expanded.unknown == ("open", "__builtins__", "print")


def test_an_expression_that_is_not_computed_is_named():
    expanded = expand("{len(rows)} {x + 1} {foo(bar)} {a, b} {x > 3} {name}", NAMESPACE)
    assert expanded.text == "{len(rows)} {x + 1} {foo(bar)} {a, b} {x > 3} fix"
    assert expanded.computed == ("len(rows)", "x + 1")
