"""What the CLIs' own logins ask the providers for; the user's browser is left out.

Each function answers with the credential that the test gave the stand-in.
"""

from __future__ import annotations

from .http import Reply, Request, answer

#: What the user copies from the provider's last page into the login's dialogue.
CODE = "a-code-of-the-standin"

_ACCOUNT = {"uuid": "22222222-2222-4222-8222-222222222222", "email_address": "ada@example.test"}
_ORGANIZATION = {"uuid": "11111111-1111-4111-8111-111111111111", "name": "Example"}


def claude_hello(request: Request, credential: str) -> Reply:
    """``GET /api/hello`` and ``/v1/oauth/hello``: Claude Code's wizard ends without them."""
    return answer({"message": "hello"})


def claude_token(request: Request, credential: str) -> Reply:
    """``POST platform.claude.com/v1/oauth/token``: a code for tokens."""
    if request.body.get("code") != CODE:
        return answer({"error": "invalid_grant"}, 400)
    return answer({
        "token_type": "Bearer",
        "access_token": credential,
        "refresh_token": "sk-ant-ort01-standin",
        "expires_in": 86400,
        "scope": "user:inference user:profile user:sessions:claude_code",
        "account": _ACCOUNT,
        "organization": _ORGANIZATION,
    })  # fmt: skip


def claude_profile(request: Request, credential: str) -> Reply:
    """``GET api.anthropic.com/api/oauth/profile``: whose tokens they are."""
    if not request.carries(credential):
        return answer({"error": {"type": "authentication_error"}}, 401)
    account = {"uuid": _ACCOUNT["uuid"], "email": _ACCOUNT["email_address"], "full_name": "Ada"}
    organization = {**_ORGANIZATION, "organization_type": "claude_max"}
    return answer({"account": account, "organization": organization})


def claude_roles(request: Request, credential: str) -> Reply:
    """``GET api.anthropic.com/api/oauth/claude_cli/roles``."""
    if not request.carries(credential):
        return answer({"error": {"type": "authentication_error"}}, 401)
    return answer({"organization_role": "admin", "organization_name": _ORGANIZATION["name"]})


def openai_user_code(request: Request, credential: str) -> Reply:
    """``POST auth.openai.com/…/usercode``: what the user types into the browser."""
    return answer({"device_auth_id": "standin", "user_code": "ABCD-1234", "interval": "1"})


def openai_code(request: Request, credential: str) -> Reply:
    """``POST auth.openai.com/…/token``: the user has typed it already; a code for tokens."""
    return answer({"authorization_code": CODE, "code_challenge": "c", "code_verifier": "v"})


def github_code(request: Request, credential: str) -> Reply:
    """``POST github.com/login/device/code``: what the user types into the browser."""
    return answer({
        "device_code": "device-code-of-the-standin",
        "user_code": "ABCD-1234",
        "verification_uri": "https://github.com/login/device",
        "expires_in": 900,
        "interval": 1,
    })  # fmt: skip


def github_token(request: Request, credential: str) -> Reply:
    """``POST github.com/login/oauth/access_token``: the user has typed it already."""
    if request.body.get("device_code") != "device-code-of-the-standin":
        return answer({"error": "bad_verification_code"})
    return answer({"access_token": credential, "token_type": "bearer", "scope": "read:user"})
