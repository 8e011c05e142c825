"""Processes for engines that hold Python's lock, end the process or belong to one thread."""
