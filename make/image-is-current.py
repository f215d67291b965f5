"""Exit 0 if the agent image is there and was built from the recipe of this checkout."""

import sys

from jupyter_agentauth.commands import make_service
from jupyter_agentauth.errors import AgentAuthError
from jupyter_agentauth.image import LABEL_RECIPE
from jupyter_agentauth.image.context import recipe

service = make_service([])
settings = service.settings
agents = {name: agent for name, agent in settings.agents.items() if agent.package}
try:
    images = service.engine.client.images.list(settings.image)
except AgentAuthError as error:
    sys.exit(error.message)
sys.exit(not any(image.labels.get(LABEL_RECIPE) == recipe(agents) for image in images))
