"""OpenAI Responses (Codex) and Chat Completions (Copilot)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .http import DONE, Edit, Reply, Request, answer, stream
from .tools import tool_call


def responses(request: Request, edit: Edit | None) -> Reply:
    """``POST /v1/responses``."""
    # Codex compresses what it sends under a ChatGPT sign-in: then all it gets is a text.
    asked = request.body if isinstance(request.body, dict) else {}
    items = asked.get("input") or []
    has_result = any(str(item.get("type")).endswith("_call_output") for item in items)
    item = _text() if has_result or edit is None else _call(asked, items, edit)
    response = {
        "id": "resp_standin",
        "object": "response",
        "created_at": 1,
        "model": asked.get("model"),
        "status": "completed",
        "output": [item],
        "usage": {
            "input_tokens": 1,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 1,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 2,
        },
    }
    begun = {**response, "status": "in_progress", "output": []}
    delta = {"type": "response.output_text.delta", "item_id": item["id"], "output_index": 0}
    deltas = [{**delta, "delta": part["text"]} for part in item.get("content", ())]
    return stream([
        {"type": "response.created", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        *deltas,  # OpenCode takes the text from these alone.
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": response},
    ])  # fmt: skip


def _call(asked: dict[str, Any], items: list[dict[str, Any]], edit: Edit) -> dict[str, Any]:
    # Codex 0.169.0: the default model's tools stand in an input item.
    extra = (item["tools"] for item in items if item.get("type") == "additional_tools")
    offered = dict(_tool_names([*(asked.get("tools") or ()), *(t for ts in extra for t in ts)]))
    same = {"call_id": "call_standin", "status": "completed"}
    call = tool_call(offered, edit)
    if call:
        name, arguments = call
        function = {"type": "function_call", "id": "fc_standin", "name": name, **same}
        namespace = {"namespace": offered[name]} if offered[name] else {}
        return {**function, **namespace, "arguments": json.dumps(arguments)}
    inner = tool_call(["exec_command"], edit)
    if "exec" in offered and inner:
        # Its only tool is a program that calls the tools.
        program = f"text((await tools.{inner[0]}({json.dumps(inner[1])})).output);"
        custom = {"type": "custom_tool_call", "id": "ctc_standin", "name": "exec", **same}
        return {**custom, "input": program}
    return _text()


def _tool_names(
    tools: list[dict[str, Any]], namespace: str | None = None
) -> Iterator[tuple[str, str | None]]:
    for tool in tools:
        if tool.get("type") == "namespace":
            yield from _tool_names(tool.get("tools") or [], tool.get("name"))
        else:
            yield str(tool.get("name") or tool.get("type")), namespace


def _text() -> dict[str, Any]:
    content = [{"type": "output_text", "text": DONE, "annotations": []}]
    role = {"role": "assistant", "status": "completed"}
    return {"type": "message", "id": "msg_standin", **role, "content": content}


def chat(request: Request, edit: Edit | None) -> Reply:
    """``POST /chat/completions``, streamed or not."""
    asked = request.body
    offered = [tool["function"]["name"] for tool in asked.get("tools") or ()]
    has_result = any(message["role"] == "tool" for message in asked["messages"])
    call = None if has_result else tool_call(offered, edit)
    message: dict[str, Any] = {"role": "assistant", "content": None if call else DONE}
    if call:
        function = {"name": call[0], "arguments": json.dumps(call[1])}
        message["tool_calls"] = [
            {"index": 0, "id": "call_standin", "type": "function", "function": function}
        ]
    reason = "tool_calls" if call else "stop"
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    same = {"id": "chat_standin", "created": 1, "model": asked.get("model")}
    if not asked.get("stream"):
        choice = {"index": 0, "message": message, "finish_reason": reason}
        return answer({**same, "object": "chat.completion", "choices": [choice], "usage": usage})
    chunk = {**same, "object": "chat.completion.chunk"}
    first = {"index": 0, "delta": message, "finish_reason": None}
    last = {"index": 0, "delta": {}, "finish_reason": reason}
    events = [{**chunk, "choices": [first]}, {**chunk, "choices": [last], "usage": usage}]
    return stream(events, end="data: [DONE]\n\n")
