"""What looks like a secret, taken out of a text that people are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping

_HIDDEN = "[hidden]"

#: Names of variables whose values are never shown.
_SECRET_NAME = re.compile(r"key|token|secret|passw|credential", re.IGNORECASE)

#: Anthropic's and OpenAI's, GitHub's, Google's, and tokens that are JSON inside.
_SECRET = re.compile(r"\b(?:sk-|gh[oprsu]_|github_pat_|AIza|ya29\.|1//|eyJ)[A-Za-z0-9_\-.]{12,}")

#: A shorter value is no key, and would be found in ordinary words.
_SHORTEST = 8


def redacted(text: str, environment: Mapping[str, str]) -> str:
    """Return a text without the keys of known kinds and without the variables' secret values.

    Parameters
    ----------
    environment : mapping
        Variables by name; those with a name such as ``…_API_KEY`` hold secrets.
    """
    for name, value in environment.items():
        if _SECRET_NAME.search(name) and len(value) >= _SHORTEST:
            text = text.replace(value, _HIDDEN)
    return _SECRET.sub(_HIDDEN, text)
