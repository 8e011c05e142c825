"""Selects the engines of a run, measures their speed on this machine, and loads them."""
