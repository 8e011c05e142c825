"""Sound in and out: files, sound cards, simulated devices, resampling."""
