"""File translation: a recording in, its translated speech, subtitles and session file out."""
