"""Who speaks in a recording: turns, files of turns, channels, and a voice for each speaker."""
