"""Rules for natural languages: sentences, phrases, numbers, units, chunks, loops, figures."""
