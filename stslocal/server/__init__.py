"""One process serves many: the interfaces of the field over HTTP and WebSocket, and the page."""
