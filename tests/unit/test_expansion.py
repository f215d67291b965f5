"""What becomes of braces in a cell's prompt."""

from __future__ import annotations

import pytest

from jupyter_agentauth.kernel.expansion import expand

NAMESPACE = {"name": "fix", "price": 2.5, "rows": [{"a": 1}], "x": 5, "a": 7, "b": 8}


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("do {name} now", "do fix now"),
        ("{name}{x}", "fix5"),
        ("{ name }", "fix"),
        ("{price:.2f} and {price!r}", "2.50 and 2.5"),
        ("{name!r:>7}|", "  'fix'|"),
        ("{len(rows)} rows, {rows[0]['a']}", "1 rows, 1"),
        ("{'yes' if x > 3 else 'no'}", "yes"),
        ("{ {'k': x}['k'] }", "5"),
        ("{x + 1}", "6"),
    ],
)
def test_an_expression_of_the_notebook_is_replaced_by_its_value(prompt, expected):
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
        "{ " * 3000,
        "{(" * 1500,
    ],
)
def test_braces_without_a_variable_of_the_notebook_stay_as_they_are(prompt):
    assert expand(prompt, NAMESPACE).text == prompt


def test_a_variable_inside_of_json_is_replaced_and_the_json_stays():
    assert expand('{"name": "{name}", "n": {x}}', NAMESPACE).text == '{"name": "fix", "n": 5}'


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
