"""Saved voices: kept in files, chosen for an engine, made from recordings."""
