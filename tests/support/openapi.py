"""Replies of the REST API against its own description."""

from __future__ import annotations

import json
from importlib.resources import files

from jsonschema import Draft202012Validator

OPENAPI = json.loads((files("jupyter_agentauth") / "server" / "openapi.json").read_text())


def check(reply, method: str, path: str) -> None:
    """Assert that a reply is one that the description promises."""
    promised = OPENAPI["paths"][path][method.lower()]["responses"]
    assert str(reply.status) in promised, (reply.status, reply.json)
    response = promised[str(reply.status)]
    if "$ref" in response:
        response = OPENAPI["components"]["responses"][response["$ref"].rpartition("/")[2]]
    if "content" not in response:
        assert reply.json is None
        return
    schema = response["content"]["application/json"]["schema"]
    validator = Draft202012Validator({**schema, "components": OPENAPI["components"]})
    assert [error.message for error in validator.iter_errors(reply.json)] == []
