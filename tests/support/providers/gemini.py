"""Gemini's API with a key, and Code Assist with a Google account: Gemini CLI."""

from __future__ import annotations

import json
from typing import Any

from .http import DONE, Edit, Reply, Request, answer, stream
from .tools import tool_call

#: Gemini CLI 0.61.0 first asks which model should answer, without offering tools.
_CHOICE = {"model_choice": "flash", "complexity_reasoning": "", "complexity_score": 1}


def generate_content(request: Request, edit: Edit | None) -> Reply:
    """``POST /v1beta/models/MODEL:generateContent`` or ``:streamGenerateContent``.

    Code Assist's ``/v1internal:…`` is the same inside ``request`` and ``response``.
    """
    asked = request.body.get("request", request.body)
    contents = asked.get("contents") or ()
    parts = [part for content in contents for part in content.get("parts") or ()]
    has_result = any("functionResponse" in part for part in parts)
    declared = [tool.get("functionDeclarations") or () for tool in asked.get("tools") or ()]
    offered = [function["name"] for functions in declared for function in functions]
    call = None if has_result else tool_call(offered, edit)
    part: dict[str, Any] = {"text": DONE}
    if call:
        part = {"functionCall": {"name": call[0], "args": call[1]}}
    elif "responseJsonSchema" in (asked.get("generationConfig") or {}):
        part = {"text": json.dumps(_CHOICE)}
    content = {"role": "model", "parts": [part]}
    usage = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
    candidate = {"content": content, "finishReason": "STOP", "index": 0}
    whole: dict[str, Any] = {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": "standin",
    }
    if "request" in request.body:
        whole = {"response": whole}
    return stream([whole]) if "stream" in request.path else answer(whole)
