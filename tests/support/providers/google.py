"""Google's part of Gemini CLI under a Google account: whose token it is, and the project."""

from __future__ import annotations

from .http import Edit, Reply, Request, answer


def token_info(request: Request, edit: Edit | None) -> Reply:
    """``POST oauth2.googleapis.com/tokeninfo``."""
    return answer({"scope": "openid", "expires_in": "3000", "access_type": "offline"})


def user(request: Request, edit: Edit | None) -> Reply:
    """``GET www.googleapis.com/oauth2/v2/userinfo``."""
    return answer({"email": "ada@example.test", "id": "1", "name": "Ada"})


def code_assist(request: Request, edit: Edit | None) -> Reply:
    """``POST cloudcode-pa.googleapis.com/v1internal:loadCodeAssist``."""
    tier = {"id": "standard-tier", "name": "Standard", "isDefault": True}
    return answer({
        "currentTier": tier,
        "allowedTiers": [tier],
        "cloudaicompanionProject": "project-of-the-standin",
    })  # fmt: skip
