"""Texts that somebody else wrote: parsed within bounds, and shown as what they are."""
