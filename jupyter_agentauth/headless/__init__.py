"""What agents print without a terminal, as the contract's lines: pure, a file for each CLI.

::

    a line of stdout ──► output.py ──► claude.py, codex.py, … ──► text, tool, usage
    arguments.py: how a prompt is given, and a conversation resumed
"""
