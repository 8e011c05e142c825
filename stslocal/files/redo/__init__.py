"""Does again what a person corrected in a translation: plan, speech, placing, sound, subtitles."""
