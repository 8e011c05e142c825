"""What a translation leaves on disk: the session file and subtitles."""
