"""The server extension: thin handlers over the service and the sessions."""
