"""The files of a translation besides the audio: the session file and subtitles."""
