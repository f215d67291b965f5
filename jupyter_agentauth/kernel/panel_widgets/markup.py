"""The panel's text as HTML: whatever it is, it is shown and never obeyed."""

from __future__ import annotations

from html import escape

from ..page_output import NO_MATH
from ..shown_text import in_one_line

#: The longest sentence that is shown.
_LONGEST = 2000

#: JupyterLab's variables, then VS Code's, then what is legible on light and on dark.
_TEXT = "var(--jp-ui-font-color1, var(--vscode-foreground, inherit))"
_FAINT = "var(--jp-ui-font-color2, var(--vscode-descriptionForeground, inherit))"
_LINE = "var(--jp-border-color2, var(--vscode-panel-border, #8888))"
_WARNING = "var(--jp-warn-color1, var(--vscode-editorWarning-foreground, #bf8803))"
_ERROR = "var(--jp-error-color1, var(--vscode-errorForeground, #d64545))"
_INFO = "var(--jp-brand-color1, var(--vscode-textLink-foreground, #3794ff))"

_RULES = f"""
.agentauth-panel {{ color: {_TEXT}; max-width: 56em; }}
.agentauth-panel .agentauth-text {{ color: {_TEXT}; line-height: 1.4; overflow-wrap: anywhere; }}
.agentauth-panel .agentauth-hint {{ color: {_FAINT}; }}
.agentauth-panel .agentauth-title {{ font-weight: 600; }}
.agentauth-panel .agentauth-heading {{ font-weight: 600; font-size: 1.1em;
  border-top: 1px solid {_LINE}; margin-top: 8px; padding-top: 6px; }}
.agentauth-panel .agentauth-warning {{ border-left: 3px solid {_WARNING}; padding-left: 8px; }}
.agentauth-panel .agentauth-error {{ border-left: 3px solid {_ERROR}; padding-left: 8px; }}
.agentauth-panel .agentauth-info {{ border-left: 3px solid {_INFO}; padding-left: 8px; }}
.agentauth-panel .agentauth-log {{ font-family: var(--jp-code-font-family, monospace);
  white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }}
.agentauth-panel .agentauth-progress {{ width: 100%; height: 12px; accent-color: {_INFO}; }}
.agentauth-panel .widget-html-content {{ line-height: 1.4; }}
.agentauth-panel button:focus-visible {{ outline: 2px solid {_INFO}; outline-offset: 1px; }}
"""

#: The panel's style; a constant, and the only markup that is not a sentence.
STYLE = f"<style>{_RULES}</style>"


def sentence(text: str, kind: str = "hint", role: str = "") -> str:
    """Return a text as HTML.

    Parameters
    ----------
    kind : str
        ``text``, ``hint``, ``title``, ``warning``, ``error``, ``info`` or ``log``.
    role : str, optional
        ``status`` or ``alert``: it is read aloud when it changes.
    """
    if not text:
        return ""
    spoken = f' role="{role}"' if role else ""
    shown = escape(in_one_line(text, _LONGEST))
    return f'<div class="agentauth-text agentauth-{kind} {NO_MATH}"{spoken}>{shown}</div>'


def heading(text: str) -> str:
    """Return a section's heading."""
    return (
        f'<div class="agentauth-text agentauth-heading" role="heading" aria-level="3">'
        f"{escape(text)}</div>"
    )


def progress(done: int | None, total: int | None) -> str:
    """Return a bar; one that tells that something goes on where it is not known how far it is.

    The page's own element, since ipywidgets' bar has no role that is read aloud (8.1).
    """
    value = "" if done is None or not total else f' value="{int(done)}" max="{int(total)}"'
    return (
        f'<progress class="agentauth-progress" aria-label="Building the image"{value}></progress>'
    )
