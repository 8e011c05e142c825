"""OpenVoice v2: converts speech into another speaker's voice."""
