"""The right size before an agent draws its first frame.

The engine starts a container's terminal without a size, and its client sets one a moment
later (Docker 20.10); a Jupyter terminal has its real size only when a browser shows it. So the
container waits for a size, while the browser is on its way, and then starts the agent.
"""

from __future__ import annotations

from .launch_plan import LaunchPlan

#: Ends by itself: the server gives a size after `UNSEEN_SECONDS`, but it can be gone by then.
#: Without `stty` nothing is waited for.
_WAIT = (
    'n=0; while [ $n -lt 400 ] && [ "$(stty size 2>/dev/null)" = "0 0" ]; '
    "do n=$((n+1)); sleep 0.02; done"
)

#: How long a session waits for somebody to look at it.
UNSEEN_SECONDS = 3


def wait_for_size(plan: LaunchPlan) -> LaunchPlan:
    """Return the plan with the agent starting once its terminal has a size; needs a shell."""
    return plan.run_before(_WAIT)
