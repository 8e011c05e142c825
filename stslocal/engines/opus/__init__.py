"""OPUS-MT through CTranslate2: one model a direction, for any use."""
