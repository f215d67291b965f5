"""What a launch does for a sign-in that is shared: take it over, answer, refresh.

::

    handover.py ──────────► first_run.py ─────────► refresh.py
    from the other          the questions that      one container refreshes
    share_scope, if         the agent would ask     what has expired, the
    that was changed        in each new container   others wait
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .authstore import AuthStore, StoreError
from .engine import RunningContainer
from .first_run import answer_first_questions, answers_in_new_home
from .handover import take_over
from .known_agents import Agent
from .launch_plan import LaunchPlan
from .refresh import stamp, with_refresh
from .signin import sign_in_of_scope, stored_settings
from .split import CREDENTIALS, write_once
from .store_layout import store_path


def launch_signed_in(
    plan: LaunchPlan,
    agent: Agent,
    store: AuthStore,
    containers: Callable[[], Iterable[RunningContainer]],
) -> LaunchPlan:
    """Return the plan with what its agent's shared sign-in needs; its host side is made.

    What fails of it is a warning: the agent starts all the same.

    Parameters
    ----------
    containers : callable
        Lists the user's containers; asked only when ``share_scope`` was changed.
    """
    plan = _taken_over(plan, agent, store, containers)
    # The file before its content: a change in between costs a look, not a refresh.
    seen = stamp(store, agent, plan.profile, plan.share_scope)
    state = sign_in_of_scope(store, agent, plan.profile, plan.share_scope)
    if state.signed_in:
        plan = _answered(plan, agent, store)
    return with_refresh(plan, agent, state, seen)


def _taken_over(
    plan: LaunchPlan,
    agent: Agent,
    store: AuthStore,
    containers: Callable[[], Iterable[RunningContainer]],
) -> LaunchPlan:
    def in_use(scope: str) -> bool:
        return any(
            found.labels.get("share-scope") == scope
            and found.shares(str(store.root), agent.name, plan.profile)
            for found in containers()
        )

    try:
        return plan.warn(*take_over(store, agent, plan.profile, plan.share_scope, in_use))
    except StoreError as error:
        return plan.warn(f"The sign-in could not be taken over: {error.message}")


def _answered(plan: LaunchPlan, agent: Agent, store: AuthStore) -> LaunchPlan:
    if plan.share_scope == CREDENTIALS:
        # Its home is new: what the agent needs beside its credentials is made there.
        files = dict(stored_settings(store, agent, plan.profile))
        files |= answers_in_new_home(agent.name, plan.worktree)
        return plan.run_before(*write_once(files, plan.home))
    root = store_path(str(store.root), agent.name, plan.profile)
    try:
        answer_first_questions(agent.name, store, root, plan.worktree)
    except StoreError as error:
        title = agent.title or agent.name
        return plan.warn(f"{title} may ask its first questions again: {error.message}")
    return plan
