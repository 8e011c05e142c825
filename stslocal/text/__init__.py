"""Rules for text in natural languages: sentences, phrases, numbers as words, chunks, loops."""
