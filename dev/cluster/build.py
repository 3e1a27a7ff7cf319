"""Kubernetes from Debian's source package: the only whole one that needs no container registry.

Debian 12's package holds the upstream tree with all that it imports. It is built with Debian 11's
Go 1.15, which upstream used: what Debian 12's Go makes of it crashes when it iterates over maps.
"""

import os
import shutil
from pathlib import Path

import debian
from steps import HOME, call, fail, step

PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet")
VERSION = "1.20.2"
BINARIES = HOME / f"kubernetes-{VERSION}"
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"


def is_built() -> bool:
    """Whether nothing is left to build."""
    return not _left()


def kubernetes() -> None:
    """Build Kubernetes' programs, those of them that are missing."""
    left = _left()
    if left:
        debian.require(debian.BUILD)
        with step(f"build Kubernetes {VERSION}, once on this machine (8 minutes on two cores)"):
            _build(left)


def _left() -> list[str]:
    return [name for name in PROGRAMS if not os.access(BINARIES / name, os.X_OK)]


def _build(programs: list[str]) -> None:
    folder = HOME / "build"
    BINARIES.mkdir(parents=True, exist_ok=True)
    tree = _sources(folder)
    settings = _settings(folder, tree)
    for name in programs:
        with step(f"build {name}"):
            call("nice", "-n", "5", "make", f"WHAT=cmd/{name}", log="build", cwd=tree, **settings)
        # Complete or not there at all, also when this is ended meanwhile.
        part = BINARIES / f"{name}.part"
        shutil.copy2(tree / "_output" / "bin" / name, part)
        part.rename(BINARIES / name)
    call("chmod", "-R", "u+w", folder, log="build")
    shutil.rmtree(folder)


def _sources(folder: Path) -> Path:
    apt = folder / "apt"
    for part in ("lists", "cache"):
        (apt / part / "partial").mkdir(parents=True, exist_ok=True)
    site = debian.mirror()
    (apt / "sources.list").write_text(
        f"deb-src [signed-by={KEYS}] {site} bookworm main\n"
        f"deb [signed-by={KEYS}] {site} bullseye main\n"
    )
    with step("fetch the sources and the compiler"):
        debian.apt(apt, "update")
        if not (folder / "usr" / "lib" / "go-1.15" / "bin" / "go").exists():
            debian.apt(apt, "download", "golang-1.15-go", "golang-1.15-src")
            for package in folder.glob("golang-1.15-*.deb"):
                call("dpkg", "-x", package, folder, log="build")
        if not _trees(folder):
            debian.apt(apt, "source", "kubernetes")
    trees = _trees(folder)
    if not trees:
        fail(f"Debian's kubernetes package is no longer {VERSION}: change VERSION in {__file__}")
    return trees[0]


def _trees(folder: Path) -> list[Path]:
    return [path for path in folder.glob(f"kubernetes-*{VERSION}*") if path.is_dir()]


def _settings(folder: Path, tree: Path) -> dict[str, str]:
    workspace = tree / ".go" / "src" / "k8s.io"
    workspace.mkdir(parents=True, exist_ok=True)
    if not (workspace / "kubernetes").exists():
        (workspace / "kubernetes").symlink_to("../../..")
    compiler = folder / "usr" / "lib" / "go-1.15"
    major, minor, _ = VERSION.split(".")
    return {
        "PATH": f"{compiler}/bin:{os.environ['PATH']}",
        "GOROOT": str(compiler),
        "GOPATH": str(tree / ".go"),
        "GOCACHE": str(folder / "cache"),
        "GOENV": "off",
        "GOFLAGS": "",
        "GOPROXY": "off",
        "GO111MODULE": "auto",
        "CGO_ENABLED": "0",
        "KUBE_GIT_VERSION": f"v{VERSION}",
        "KUBE_GIT_COMMIT": "debian",
        "KUBE_GIT_TREE_STATE": "archive",
        "KUBE_GIT_MAJOR": major,
        "KUBE_GIT_MINOR": minor,
    }
