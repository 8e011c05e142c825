"""Spleeter: takes the voice out of a recording with music and noise."""
