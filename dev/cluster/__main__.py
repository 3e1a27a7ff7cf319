"""A real Kubernetes, S3 server and Docker engine on this machine, and the tests that need them.

python dev/cluster test [PYTEST ...]   # build what is missing, start it, pytest -m cluster, end it
python dev/cluster exec COMMAND ...    # the same with a command of yours, in the cluster's network
python dev/cluster up                  # start it, to stay until `down`
python dev/cluster down
python dev/cluster status
python dev/cluster image FILE.tar      # the image of the pipelines, for a cluster of yours
python dev/cluster check               # whether it can run here; the reason if not (exit status 3)

python dev/cluster docker [PYTEST ...] # a Docker engine if none answers, pytest -m docker, end it
python dev/cluster docker-check        # as check, for that
"""

import contextlib
import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import build
import debian
import engine
import image
import node
import s3
from processes import network_is_left, run, started
from steps import LOGS, ROOT, STATE, fail, say, step, text_of

SHARED = Path("/tmp/dagger-cluster")  # noqa: S108 - the same path on the node; holds nothing secret
# There is one network and one set of kernel settings, whoever's cache it is.
LOCKS = Path("/run")
# Says that it was started to stay.
KEPT = STATE / "kept"
SERVERS = {"containerd", *node.SERVERS, *s3.SERVERS}


def up() -> dict[str, str]:
    """Start what does not run; returns the environment of those who use it."""
    debian.require(debian.RUN)
    if network_is_left():
        say("something of an earlier cluster is left")
        down()
    node.prepare()
    with ThreadPoolExecutor() as pool:
        kubernetes, server = pool.submit(node.up), pool.submit(s3.up, node.ADDRESS)
        pods = _load()
        kubernetes.result()
        address = server.result()
    SHARED.mkdir(exist_ok=True)
    return {
        **address,
        "KUBECONFIG": str(node.KUBECONFIG),
        "DAGGER_CLUSTER_IMAGE": pods.name,
        "DAGGER_CLUSTER_SHARED": str(SHARED),
        "DAGGER_CLUSTER_TOOL": f"{sys.executable} {Path(__file__).parent}",
    }


def _load() -> image.Pipelines:
    """Put the image of the code as it is now into the node."""
    pods = image.pipelines()
    if not node.has(pods.name):
        with step("load the image of the pipelines"):
            archive = pods.write(STATE / "pipelines.tar")
            node.load(archive)
            archive.unlink()
    return pods


def down() -> None:
    """End everything that was started; binaries and images stay in the cache."""
    KEPT.unlink(missing_ok=True)
    with step("end the cluster"):
        s3.down()
        node.down()
        shutil.rmtree(SHARED, ignore_errors=True)


def keep() -> None:
    """Start the cluster, to stay; print the environment of those who use it."""
    _refuse()
    with _lock():
        for name, value in up().items():
            print(f"export {name}={shlex.quote(value)}")
        KEPT.touch()


def end() -> None:
    """End the cluster as soon as nobody uses it."""
    with _lock():
        down()


def test(*arguments: str) -> int:
    """Run the tests of the cluster, or those that pytest's arguments name."""
    # Pods are mostly waited for: the files run side by side.
    words = arguments or ("-n", "3", "--dist", "loadfile", "--durations=12", "tests/cluster")
    own = ("-m", "cluster", f"--basetemp={STATE / 'tests'}", "-o", "faulthandler_timeout=7200")
    return use(sys.executable, "-m", "pytest", *own, *words)


def docker(*arguments: str) -> int:
    """Run the tests that need a Docker engine, or those that pytest's arguments name."""
    reason = unable_docker()
    if reason:
        say(f"SKIPPED, no test of Docker was run: {reason}")
        return 0
    ours = (f"tests/{target}/test_docker_engine.py" for target in ("airflow", "kfp"))
    words = arguments or ("tests/images", *ours)
    with _lock("dagger-docker.lock"):
        try:
            environment = {**os.environ, **engine.up()}
            command = [sys.executable, "-m", "pytest", "-m", "docker", *words]
            return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        finally:
            engine.down()


def write_image(file: str) -> None:
    """Write the image of the pipelines as an archive, and print its name."""
    debian.require(("busybox-static",))
    pods = image.pipelines()
    pods.write(Path(file))
    print(pods.name)


def use(*command: str) -> int:
    """Run a command in the cluster's network, and end the cluster if nobody needs it any more."""
    _refuse()
    with _guard(), _lock() as lock:
        try:
            environment = up()
            fcntl.flock(lock, fcntl.LOCK_SH)
            return run(*command, cwd=ROOT, **environment)
        finally:
            if not KEPT.exists() and _is_last(lock):
                down()


def status() -> int:
    """Say what runs."""
    running = set(started())
    for name in sorted(SERVERS):
        say(f"{name}: {'runs' if name in running else 'does not run'}")
    say(f"logs: {LOGS}")
    return 0 if running >= SERVERS else 1


def unable() -> str:
    """Why there can be no cluster here; empty when there can."""
    if sys.platform != "linux":
        return "needs Linux"
    if not Path("/etc/debian_version").exists():
        return "needs Debian 12, whose packages it is made of"
    if os.geteuid() != 0:
        return "needs root, for containers and a network of its own: sudo make cluster"
    if text_of("unshare", "--net", "--mount", "true") is None:
        return "needs to make network namespaces, as a container may that is --privileged"
    return node.unable() or debian.unable(() if build.is_built() else debian.BUILD)


def unable_docker() -> str:
    """Why there can be no Docker engine here; empty when there can."""
    if engine.answers():
        return ""
    if sys.platform != "linux" or not Path("/etc/debian_version").exists():
        return "no Docker engine answers, and one of our own needs Debian 12"
    if os.geteuid() != 0:
        return "no Docker engine answers, and one of our own needs root: sudo make docker"
    return ""


def check_docker() -> int:
    """Say whether a Docker engine answers, or can run here."""
    reason = unable_docker()
    say(reason or "Docker can run here")
    return 3 if reason else 0


def check() -> int:
    """Say whether it can run here."""
    reason = unable()
    say(reason or "can run here")
    return 3 if reason else 0


def guard() -> None:
    """End the cluster for a program that was killed; its standard input tells when it is over."""
    if not sys.stdin.read() and not KEPT.exists():
        say("was killed, and is ended")
        end()


@contextlib.contextmanager
def _guard() -> Iterator[None]:
    """Let another process end the cluster if this one is killed and cannot."""
    process = subprocess.Popen(
        [sys.executable, Path(__file__).parent, "guard"],
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield
    finally:
        process.communicate("ended")


def _refuse() -> None:
    reason = unable()
    if reason:
        fail(reason)


@contextlib.contextmanager
def _lock(name: str = "dagger-cluster.lock") -> Iterator[IO[str]]:
    """Wait until no other of these programs starts, uses or ends the cluster."""
    if os.geteuid() != 0:
        fail("needs root")
    with (LOCKS / name).open("w") as lock:
        if not _is_last(lock):
            say("waits for another program that uses the cluster")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def _is_last(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _ends(number: int, _frame: object) -> None:
    """Let `finally` be reached, and nothing stop it again."""
    for other in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(other, signal.SIG_IGN)
    sys.exit(128 + number)


def main(command: str = "", *arguments: str) -> int:
    """Do what the command line says."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ends)
    known: dict[str, Callable[..., int | None]] = {
        "check": check,
        "docker": docker,
        "docker-check": check_docker,
        "down": end,
        "exec": use,
        "guard": guard,
        "image": write_image,
        "restart-api": node.restart_api,
        "status": status,
        "test": test,
        "up": keep,
    }
    fits = {"docker": True, "exec": bool(arguments), "image": len(arguments) == 1, "test": True}
    if command not in known or not fits.get(command, not arguments):
        print(__doc__)
        return 2
    return known[command](*arguments) or 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
