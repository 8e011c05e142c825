"""Keeps a live session on disk while it goes on, so that whatever happens it can be read."""

from stslocal.live.recording.recorder import LiveRecording, RecordingFiles

__all__ = ["LiveRecording", "RecordingFiles"]
