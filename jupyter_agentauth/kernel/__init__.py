"""The kernel's side: it finds its Jupyter server and asks it, over REST; never the engine.

::

    servers.py ──► client.py ──► run.py, gathering.py ──► agents.py (what one imports)
    which server   its REST      results as objects       magics.py, panel.py

Nothing here imports the server's side (docker, tornado, terminado), and nothing there imports
this.
"""
