"""GitHub's part of Copilot: who the user is, where the models are, which there are."""

from __future__ import annotations

from .http import Edit, Reply, Request, answer

_SUPPORTS = {
    "streaming": True,
    "tool_calls": True,
    "parallel_tool_calls": True,
    "structured_outputs": True,
}
_LIMITS = {
    "max_context_window_tokens": 128000,
    "max_output_tokens": 16000,
    "max_prompt_tokens": 120000,
}


def user(request: Request, edit: Edit | None) -> Reply:
    """``GET /copilot_internal/user``: the rest is at the host that it names."""
    here = "https://api.individual.githubcopilot.com"
    return answer({
        "login": "ada",
        "access_type_sku": "plus_monthly_subscriber_quota",
        "chat_enabled": True,
        "copilot_plan": "individual_pro",
        "organization_login_list": [],
        "organization_list": [],
        "endpoints": {"api": here, "telemetry": here, "proxy": here, "origin-tracker": here},
        "quota_snapshots": {},
    })  # fmt: skip


def models(request: Request, edit: Edit | None) -> Reply:
    """``GET /models``: those of which Copilot CLI 1.0.102 takes one by itself."""
    names = ("claude-sonnet-4.5", "claude-sonnet-4", "gpt-4.1", "gpt-5", "gpt-5-mini")
    return answer({"object": "list", "data": [_model(name) for name in names]})


def _model(name: str) -> dict[str, object]:
    return {
        "id": name,
        "name": name,
        "object": "model",
        "version": name,
        "vendor": "Stand-in",
        "preview": False,
        "model_picker_enabled": True,
        "is_chat_default": True,
        "is_chat_fallback": True,
        "billing": {"is_premium": False, "multiplier": 1},
        "policy": {"state": "enabled", "terms": ""},
        "supported_endpoints": ["/chat/completions"],
        "capabilities": {
            "family": name,
            "object": "model_capabilities",
            "type": "chat",
            "tokenizer": "o200k_base",
            "limits": _LIMITS,
            "supports": _SUPPORTS,
        },
    }
