"""Coqui XTTS-v2: speech in a cloned voice."""
