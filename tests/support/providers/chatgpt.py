"""ChatGPT's part of Codex under a ChatGPT sign-in: which account works where."""

from __future__ import annotations

from .http import Edit, Reply, Request, answer


def accounts(request: Request, edit: Edit | None) -> Reply:
    """``GET chatgpt.com/backend-api/wham/accounts/check``."""
    account = {
        "id": "account",
        "account_id": "account",
        "account_user_id": "user__account",
        "name": "Ada",
        "structure": "personal",
        "plan_type": "pro",
        "is_default": True,
        "role": "owner",
        "profile_picture_id": None,
        "profile_picture_url": None,
        "workspace_type": None,
        "kind": "personal",
        # Codex 0.169.0 asks no model before it knows this one.
        "workspace_backend_origin": "https://chatgpt.com",
        "account_routing_override": "us",
        "can_access_with_session": True,
        "sso_connection_name": None,
        "is_deactivated": False,
        "is_fedramp_compliant_workspace": False,
    }
    return answer({
        "accounts": [account],
        "default_account_id": "account",
        "account_ordering": ["account"],
    })  # fmt: skip


def whoami(request: Request, edit: Edit | None) -> Reply:
    """``GET auth.openai.com/api/accounts/v1/user-auth-credential/whoami``: whose token it is."""
    return answer({
        "email": "ada@example.test",
        "chatgpt_user_id": "user",
        "chatgpt_account_id": "account",
        "chatgpt_plan_type": "pro",
        "chatgpt_account_is_fedramp": False,
    })  # fmt: skip
