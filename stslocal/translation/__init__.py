"""What live and file translation are both made of: languages, glossary, segments, the stage."""
