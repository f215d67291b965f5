"""What runs in a kernel: it finds its own server and asks it by REST; it never asks the engine."""
