"""Wait until the server with a given process id runs, and print its address."""

import json
import os
import sys
import time
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir

process = int(sys.argv[1])
facts = Path(jupyter_runtime_dir()) / f"jpserver-{process}.json"
started = time.time()
while os.getppid() == process and time.time() < started + 120:
    # One of an earlier process with the same id may still lie there.
    if facts.exists() and facts.stat().st_mtime >= started - 1:
        time.sleep(0.5)  # Until it is written, and the server's own lines are out.
        server = json.loads(facts.read_text())
        print(
            f"\n==> JupyterLab is open at {server['url']}lab?token={server['token']}\n", flush=True
        )
        break
    time.sleep(0.2)
