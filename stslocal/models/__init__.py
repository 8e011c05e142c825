"""Models on disk: the manifest, the store of installed models, downloading and building them."""
