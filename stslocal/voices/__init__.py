"""Voices: saved in files, chosen for an engine, enrolled from recordings, learnt live."""
