"""Pocket TTS: cloned voices in seven languages, faster than speech on an ordinary processor."""
