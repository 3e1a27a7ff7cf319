"""A driver of fsspec for local files that opens only with a password: ``guarded:///folder``."""

from pathlib import Path

from fsspec.implementations.local import LocalFileSystem

SECRET = "s3cr3t-of-the-store"


class GuardedFileSystem(LocalFileSystem):
    protocol = "guarded"

    def __init__(self, username=None, password=None, **more):
        super().__init__(**more)
        if (username, password) != ("ada", SECRET):
            raise PermissionError(13, "Permission denied")

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(path.removeprefix("guarded://"))


def install(folder: Path) -> str:
    """Let processes with a folder on their path know the driver, and return their PYTHONPATH."""
    info = folder / "guarded-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: guarded\nVersion: 1.0\n")
    entry = "guarded = guarded_store:GuardedFileSystem"
    (info / "entry_points.txt").write_text(f"[fsspec.specs]\n{entry}\n")
    return f"{folder}:{Path(__file__).parent}"
