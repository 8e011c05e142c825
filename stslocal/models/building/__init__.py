"""Builds models from published files: reads, converts and trims them. Uses no network."""
