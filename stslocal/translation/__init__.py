"""The parts that file and live translation share: request, coverage, fidelity, segments, stage."""
