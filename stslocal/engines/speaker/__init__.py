"""Measures a speaker's voice: GE2E speaker encoder, pitch, quality of reference recordings."""
