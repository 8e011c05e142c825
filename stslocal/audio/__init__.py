"""Audio input and output: files, sound cards, simulated devices, resampling."""
