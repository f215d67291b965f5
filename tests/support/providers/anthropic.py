"""Anthropic Messages: Claude Code and OpenCode."""

from __future__ import annotations

import json
from typing import Any

from .http import DONE, Edit, Reply, Request, answer, stream
from .tools import tool_call


def messages(request: Request, edit: Edit | None) -> Reply:
    """``POST /v1/messages``, streamed or not."""
    asked = request.body
    offered = [tool.get("name") for tool in asked.get("tools") or ()]
    call = None if _has_result(asked) else tool_call(offered, edit)
    if call:
        name, arguments = call
        block = {"type": "tool_use", "id": "toolu_standin", "name": name, "input": arguments}
        start: dict[str, Any] = {**block, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(arguments)}
    else:
        block = {"type": "text", "text": DONE}
        start = {**block, "text": ""}
        delta = {"type": "text_delta", "text": DONE}
    message = {
        "id": "msg_standin",
        "type": "message",
        "role": "assistant",
        "model": asked.get("model"),
        "content": [block],
        "stop_reason": "tool_use" if call else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    if not asked.get("stream"):
        return answer(message)
    stop = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    return stream([
        {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": start},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": stop, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ])  # fmt: skip


def _has_result(asked: dict[str, Any]) -> bool:
    contents = [message.get("content") for message in asked.get("messages", ())]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    return any(part.get("type") == "tool_result" for part in parts)
