"""NLLB-200 through CTranslate2: translation among 200 languages."""
