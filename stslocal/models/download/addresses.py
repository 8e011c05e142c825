"""The addresses of files in repositories, and what the person has set for them.

Those of Hugging Face come from huggingface_hub, so HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE have
their usual effect. HF_HUB_OFFLINE counts for the others too: it says that there is no network.
"""

from __future__ import annotations

from urllib.parse import quote

from stslocal.models.manifest import HubSource

GITHUB = "https://github.com"
"""It redirects to where large files lie."""
MOZILLA = "https://storage.googleapis.com/moz-fx-translations-data--303e-prod-translations-data"
"""The bucket of the Firefox models."""


def address(source: HubSource, path: str, revision: str) -> str:
    """The address of a file in the repository of a source."""
    if source.kind == "github":
        return f"{GITHUB}/{source.repo}/raw/{revision}/{quote(path)}"
    if source.kind == "mozilla":
        return f"{MOZILLA}/{quote(path)}"
    from huggingface_hub import hf_hub_url

    name = source.repo.removeprefix("spaces/")
    kind = None if name == source.repo else "space"
    return hf_hub_url(name, path, repo_type=kind, revision=revision)


def token_for(kind: str) -> str | None:
    """The person's token for the hub of this kind; others than Hugging Face get none."""
    from huggingface_hub import constants, get_token

    if kind != "huggingface" or constants.HF_HUB_DISABLE_IMPLICIT_TOKEN:
        return None
    return get_token()


def encoding_for(kind: str) -> str:
    """The form in which files are asked for. The bucket would unpack those that end in `.gz` for
    who does not take them packed.
    """
    return "gzip" if kind == "mozilla" else "identity"


def why_offline() -> str:
    """Why no hub may be asked; empty where one may."""
    from huggingface_hub import constants

    return "HF_HUB_OFFLINE is set" if constants.HF_HUB_OFFLINE else ""
