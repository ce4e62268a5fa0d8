"""The models folder of this machine."""

from collections.abc import Iterable
from pathlib import Path

from engine.errors import WeightsMissing
from engine.weights.fetching import Fetcher, Progress, Tick
from engine.weights.manifest import Manifest, Model, load_manifest
from engine.weights.origin import Origins


class Weights:
    """Models on disk, laid out as `<models_dir>/<name>/<file>`. All methods block."""

    def __init__(self, models_dir: Path, manifest: Manifest | None = None) -> None:
        """Look at `models_dir`, which need not exist yet. Reads the manifest, nothing else."""
        self.models_dir = models_dir
        self.manifest = manifest or load_manifest()

    def path(self, name: str) -> Path:
        """Where a model lies: its file, or its folder when it has several files.

        Costs one `stat` per file: sizes are compared here, hashes when fetching.

        Raises:
            WeightsMissing: It is absent or incomplete; `detail` says which command fetches it.
            KeyError: The manifest knows no such model.
        """
        model = self.manifest.find(name)
        if not self.present(name):
            raise WeightsMissing(
                f"The model '{name}' is not on this machine: run `northlight models fetch {name}`.",
                name=name,
            )
        folder = self.models_dir / name
        return folder / model.files[0].name if len(model.files) == 1 else folder

    def present(self, name: str) -> bool:
        """Whether every file of a model is there in its full size. Raises KeyError."""
        folder = self.models_dir / name
        return all(
            (path := folder / file.name).is_file() and path.stat().st_size == file.size
            for file in self.manifest.find(name).files
        )

    def defaults(self) -> tuple[str, ...]:
        """Names of the models the embedded studio needs."""
        return tuple(model.name for model in self.manifest.models if model.default)

    def names(self) -> tuple[str, ...]:
        """Names of all models, in the manifest's order."""
        return tuple(model.name for model in self.manifest.models)

    def fetch(
        self,
        names: Iterable[str],
        progress: Progress | None = None,
        origins: Origins | None = None,
    ) -> None:
        """Bring models to this machine; those that are here with the right sha256 cost no network.

        Safe to run in several processes at once. Broken downloads are resumed.

        Raises:
            FetchFailed: Why one of them could not be had, in one sentence.
            KeyError: The manifest knows no such model.
        """
        models = [self.manifest.find(name) for name in names]
        with Fetcher(self.models_dir, progress or _silent, origins) as fetcher:
            for model in sorted(models, key=self._order):
                fetcher.fetch(model)

    def _order(self, model: Model) -> int:
        return self.manifest.models.index(model)


def _silent(tick: Tick) -> None:
    """Tell nobody."""
