"""Whisper through faster-whisper: recognition, and translation into English."""
