"""The words of each language for what is written in digits and signs."""
