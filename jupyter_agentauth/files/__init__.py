"""Files and directories that an agent may have written to."""
