"""Tests with a small form, which ``make test`` runs, and a large one, for ``make soak``."""

from __future__ import annotations

import pytest


def small_or_large(
    name: str, small: object, large: object, ids: tuple[str, str], alone: str = ""
) -> pytest.MarkDecorator:
    """Give a parameter two values.

    Parameters
    ----------
    alone : str
        Why no other test may run beside the large form; empty if it may.
    """
    marks = [pytest.mark.soak, *([pytest.mark.alone(alone)] if alone else [])]
    values = [pytest.param(small, id=ids[0]), pytest.param(large, id=ids[1], marks=marks)]
    return pytest.mark.parametrize(name, values)
