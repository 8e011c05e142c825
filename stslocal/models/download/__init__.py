"""Downloads, verifies and builds models: the only part of stslocal that uses the network."""

from __future__ import annotations

from stslocal.models.download.cache import DownloadCache
from stslocal.models.download.carry import import_models
from stslocal.models.download.install import BUILDING, PullResult, pull
from stslocal.models.download.meter import Display

__all__ = ["BUILDING", "Display", "DownloadCache", "PullResult", "import_models", "pull"]
