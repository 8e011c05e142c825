"""What the translators that CTranslate2 runs have in common: sentences, search, guards, speed."""
