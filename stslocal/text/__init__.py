"""Rules for text in natural languages: sentences, phrases, numbers, units, chunks, loops."""
