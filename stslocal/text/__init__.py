"""Text in natural languages: sentences, phrases, numbers as words, chunks, loops. No model."""
