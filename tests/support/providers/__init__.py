"""Stand-ins of the model providers, for the real CLIs in real containers.

One HTTP server speaks all protocols that the five agents need, told apart by path. It
writes down every request, answers the first model request of a run with the tool call
that makes the edit which the test asked for, and every further one with a sentence.
"""

from .http import Edit, Request
from .server import Provider

__all__ = ["Edit", "Provider", "Request"]
