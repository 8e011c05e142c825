"""File translation: turns a recording into translated speech, subtitles and a session file."""
