"""Silero VAD: where there is speech."""
