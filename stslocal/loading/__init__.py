"""Which engines a run takes, their speed on this machine, and loading them."""
