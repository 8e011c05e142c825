"""Kokoro-82M: speech on any CPU in built-in voices."""
