"""The machinery of stages: threads, rings and errors. It knows no speech."""
