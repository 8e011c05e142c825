"""Who speaks: the GE2E speaker encoder, pitch, and the judgement of reference recordings."""
