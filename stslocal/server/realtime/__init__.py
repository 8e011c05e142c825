"""OpenAI's realtime translation protocol over a WebSocket."""
