"""Silero VAD: detects speech."""
