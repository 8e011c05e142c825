"""The parts that file and live translation share: request, coverage, glossary, segments, stage."""
