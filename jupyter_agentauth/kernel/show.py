"""A session is shown beside the notebook, or in the cell's output.

The page that runs the cell is told at once, over a comm: nothing of that is kept. What is kept
is the output. It says which session it was and attaches to nothing by itself, so that a
notebook from somebody else opens nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .page_output import show_bundle
from .shown_text import name_text
from .titles import agent_title, session_title

#: The comm by which the page learns that a session is to be shown.
COMM_TARGET = "jupyter-agentauth"

#: The output that the labextension renders; everybody else shows its plain text.
SESSION_MIME = "application/vnd.jupyter-agentauth.session+json"


def show_session(
    session: Mapping[str, Any], inline: bool = False, *, address: str | None = None
) -> None:
    """Have the page open a session's tab, or its terminal in this output.

    Parameters
    ----------
    session : mapping
        As ``POST sessions`` answers.
    inline : bool
        A live terminal in the output, and no tab.
    address : str, optional
        The server's, without a token, for those whose page shows nothing.
    """
    if session.get("terminal"):
        _tell_the_page({"inline" if inline else "show": session["id"]})
    show_bundle(session_bundle(session, inline, address))


def session_bundle(
    session: Mapping[str, Any], inline: bool = False, address: str | None = None
) -> dict[str, Any]:
    """Return the output of a session, which holds no token."""
    shown = {
        "session": session["id"],
        "title": name_text(session_title(session), 200),
        "inline": inline,
    }
    return {SESSION_MIME: shown, "text/plain": "\n".join(sentences(session, address))}


def sentences(session: Mapping[str, Any], address: str | None = None) -> list[str]:
    """Say what runs where, and how it is reached by somebody whose page shows no terminal."""
    where = name_text(session["worktree"], 1000)
    agent = name_text(agent_title(session["agent"]))
    said = [f"{agent} runs in {where} (session {session['id']})."]
    if session.get("terminal") and address:
        terminal = f"{address.rstrip('/')}/terminals/{session['terminal']}"
        said.append(
            "Its terminal: a tab of JupyterLab, there also in the side panel Agents; "
            f"in Notebook 7 {terminal}"
        )
    elif session.get("terminal"):
        said.append("Its terminal is in JupyterLab's side panel Agents.")
    said.append(f"`jupyter agentauth stop {session['id']}` ends it.")
    return said


def _tell_the_page(data: dict[str, str]) -> None:
    from comm import create_comm

    # In a plain console this is comm's own DummyComm, which tells nobody.
    create_comm(target_name=COMM_TARGET, data=data)
