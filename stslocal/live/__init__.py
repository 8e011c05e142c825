"""Live translation: from a microphone to a loudspeaker while somebody speaks."""
