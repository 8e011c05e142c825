"""Models on disk: the manifest, the store that reads them, and what fetches and builds them."""
