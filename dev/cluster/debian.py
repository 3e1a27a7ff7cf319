"""The Debian packages that the cluster is made of."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from steps import call, fail, say, step, text_of

RUN = (
    "busybox-static",
    "catatonit",
    "ceph-common",
    "ceph-mon",
    "ceph-osd",
    "containerd",
    "containernetworking-plugins",
    "curl",
    "etcd-server",
    "iproute2",
    "openssl",
    "radosgw",
    "runc",
)
# With the proxies and so on that apt uses here.
APT_HELPER = "/usr/lib/apt/apt-helper"
BUILD = ("dpkg-dev", "gcc", "jq", "libc6-dev", "make", "rsync")


def require(packages: Sequence[str]) -> None:
    """Install what is missing of these packages, or say what to install."""
    absent = [name for name in packages if not _installed(name)]
    if not absent:
        return
    if os.geteuid() != 0:
        fail(f"these Debian packages are missing: apt-get install {' '.join(absent)}")
    say(f"missing Debian packages: {' '.join(absent)}")
    with step("install them"):
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        call("apt-get", "update", log="apt", **quiet)
        lean = ("--yes", "--no-install-recommends")
        call("apt-get", "install", *lean, *absent, log="apt", **quiet)


def unable(to_build: Sequence[str]) -> str:
    """Why what is missing cannot be got here; empty when it can, or nothing is missing.

    Args:
        to_build: The packages that building needs, if there is something to build.
    """
    absent = [name for name in (*RUN, *to_build) if not _installed(name)]
    suites = ("bookworm", "bullseye") if to_build else ("bookworm",) if absent else ()
    if not suites:
        return ""
    site = _site()
    if not site:
        return "needs apt to know Debian 12 (bookworm), whose packages it is made of"
    with tempfile.TemporaryDirectory() as folder:
        for suite in suites:
            release = f"{site.rstrip('/')}/dists/{suite}/InRelease"
            if text_of(APT_HELPER, "download-file", release, Path(folder, suite)) is None:
                return f"needs Debian's packages, but {release} cannot be read"
    return ""


def _installed(package: str) -> bool:
    status = text_of("dpkg-query", "--show", "--showformat", "${db:Status-Status}", package)
    return status == "installed"


def mirror() -> str:
    """The address from which this machine takes Debian 12."""
    return _site() or fail("apt on this machine knows no bookworm (Debian 12)")


def _site() -> str:
    asked = ("--format", "$(RELEASE) $(SITE)", "Created-By: Packages")
    targets = text_of("apt-get", "indextargets", *asked) or ""
    sites = [line.removeprefix("bookworm ") for line in targets.splitlines() if "bookworm " in line]
    return sites[0] if sites else ""


def apt(folder: Path, *arguments: str) -> None:
    """Run apt-get with lists and sources of its own below a folder; the machine's stay."""
    options = (
        f"Dir::State::lists={folder}/lists",
        f"Dir::Cache={folder}/cache",
        f"Dir::Etc::sourcelist={folder}/sources.list",
        "Dir::Etc::sourceparts=/dev/null",
        "APT::Sandbox::User=root",
    )
    words = [word for option in options for word in ("-o", option)]
    call("apt-get", "-q", *words, *arguments, log="build", cwd=folder.parent)
