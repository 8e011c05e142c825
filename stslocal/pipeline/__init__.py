"""Runs stages in threads, with rings between them. Nothing here depends on speech."""
