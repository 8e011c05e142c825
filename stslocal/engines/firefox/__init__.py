"""Firefox Translations models through fxtranslate, which runs in a process of its own."""
