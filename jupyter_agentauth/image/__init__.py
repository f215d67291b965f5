"""The agent image: build it, tell what is in it, ask any image for a command.

::

    hostconfig.py ─► context.py ─► build.py ─► the engine ─► status.py
    npm, apt, CA,    Dockerfile,   events,      builder        versions from the labels,
    proxy of this    install.sh,   cleaning     stage, then    commands without running
    machine          agents        (leftovers)  the image      anything

``choice.py`` says what to build: of which agents, on which base, and in whose place.

The builder stage sees this machine's package-client configuration, since a build has no
other way to a registry behind a proxy, a token or a CA of one's own, and sees it in memory alone:
a build that is killed leaves no layer with it. The final stage copies the installed tree alone,
and ``leftovers.py`` removes what the builder stage left behind.
"""

#: Label of every image and container that the build and the probe make.
from ..launch_plan import LABEL

LABEL_AGENTS = f"{LABEL}agents"
LABEL_BASE_IMAGE = f"{LABEL}base-image"
LABEL_RECIPE = f"{LABEL}recipe"
LABEL_LAYER = f"{LABEL}layer"
LABEL_BUILD = f"{LABEL}build"
LABEL_PROBE = f"{LABEL}probe"

#: Makes the agent image.
BUILD = "jupyter agentauth image build"

#: Has git, CA certificates, procps, ssh, curl and python3, which agents reach for.
DEFAULT_BASE_IMAGE = "node:22-bookworm"
