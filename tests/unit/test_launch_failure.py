from __future__ import annotations

import pytest

from jupyter_agentauth.launch_failure import why_not_started

#: What docker 28.2.2 prints, each seen.
SAID = {
    "image_missing": "docker: Error response from daemon: No such image: agents:1\n\n"
    "Run 'docker run --help' for more information\n",
    "engine_not_running": "docker: Cannot connect to the Docker daemon at unix:///x.sock. Is the "
    "docker daemon running?\n\nRun 'docker run --help' for more information\n",
    "engine_no_permission": "docker: permission denied while trying to connect to the Docker "
    'daemon socket at unix:///x.sock: Head "http://x/_ping": dial unix /x.sock: connect: '
    "permission denied\n\nRun 'docker run --help' for more information\n",
    "launch_failed": "docker: Error response from daemon: network nowhere not found.\n\n"
    "Run 'docker run --help' for more information\n",
}


@pytest.mark.parametrize("reason", SAID)
def test_what_the_client_says_is_one_sentence_with_a_reason(reason):
    error = why_not_started(SAID[reason], "agents:1")
    assert (error.reason, error.status) == (reason, 503)
    assert error.message.endswith(".")
    assert "\n" not in error.message
    assert not error.message.endswith("..")


def test_a_failure_of_another_kind_is_passed_on_in_its_own_words():
    message = why_not_started(SAID["launch_failed"], "agents:1").message
    assert "network nowhere not found" in message
    assert why_not_started("", "agents:1").message.endswith("it said nothing.")
