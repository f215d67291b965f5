"""How each agent's model writes a file: the tool's name and its arguments."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from typing import Any

from .http import Edit


def _shell(edit: Edit) -> str:
    return f"printf %s {shlex.quote(edit.text)} > {shlex.quote(edit.path)}"


_TOOLS: dict[str, Callable[[Edit], dict[str, Any]]] = {
    # Claude Code 2.1.330
    "Write": lambda edit: {"file_path": edit.path, "content": edit.text},
    # Codex 0.169.0
    "exec_command": lambda edit: {"cmd": _shell(edit)},
    # Gemini 0.61.0
    "write_file": lambda edit: {"file_path": edit.path, "content": edit.text},
    # OpenCode 1.18.33
    "write": lambda edit: {"filePath": edit.path, "content": edit.text},
    # Copilot 1.0.102
    "create": lambda edit: {"path": edit.path, "file_text": edit.text},
}


def tool_call(offered: Iterable[str], edit: Edit | None) -> tuple[str, dict[str, Any]] | None:
    """Return the name and the arguments of the tool that makes the edit, if it is offered."""
    if edit is None:
        return None
    name = next((name for name in offered if name in _TOOLS), None)
    return (name, _TOOLS[name](edit)) if name else None
