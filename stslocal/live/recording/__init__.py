"""Writes a live session to disk while it goes on. The files can be read at any time."""

from stslocal.live.recording.files import RecordingFiles
from stslocal.live.recording.recorder import LiveRecording

__all__ = ["LiveRecording", "RecordingFiles"]
