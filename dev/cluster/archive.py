"""Container images as ``docker save`` writes them, which every engine loads."""

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


class Files:
    """A tar that grows as a file system does: each path once, folders first, all owned by root."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self.tar = tar
        self.known: set[str] = set()

    def copy(self, path: str, source: Path) -> None:
        """Add a file of this machine."""
        info = source.stat()
        # With its time, which compiled Python code tells of its source.
        self._add(path, tarfile.REGTYPE, info.st_mode & 0o755, source.read_bytes(), info.st_mtime)

    def text(self, path: str, text: str) -> None:
        """Add a file with a text."""
        self._add(path, tarfile.REGTYPE, 0o644, text.encode())

    def link(self, path: str, target: str) -> None:
        """Add a symbolic link."""
        self._add(path, tarfile.SYMTYPE, 0o777, target=target)

    def folder(self, path: str) -> None:
        """Add an empty folder."""
        self._add(path, tarfile.DIRTYPE, 0o1777 if path.endswith("tmp") else 0o755)

    def _add(
        self,
        path: str,
        kind: bytes,
        mode: int,
        data: bytes = b"",
        time: float = 0,
        target: str = "",
    ) -> None:
        name = path.strip("/")
        if not name or name in self.known:
            return
        self.known.add(name)
        parent = str(Path(name).parent)
        if parent != ".":
            self.folder(parent)
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.linkname = kind, mode, target
        info.size, info.mtime = len(data), int(time)
        self.tar.addfile(info, io.BytesIO(data) if kind == tarfile.REGTYPE else None)


def write(path: Path, name: str, layers: list[Path], config: Mapping[str, object]) -> None:
    """Write an image of layers, each of which is a tar."""
    document = {
        "architecture": MACHINES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{sha256(layer)}" for layer in layers]},
    }
    manifest = [
        {"Config": "config.json", "RepoTags": [name], "Layers": [layer.name for layer in layers]}
    ]
    with tarfile.open(path, "w") as tar:
        files = Files(tar)
        for layer in layers:
            tar.add(layer, layer.name)
        files.text("config.json", json.dumps(document))
        files.text("manifest.json", json.dumps(manifest))


def sha256(path: Path) -> str:
    """The digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(texts: Iterable[str]) -> str:
    """A short digest of some texts."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
