"""Servers in the background: a file says which process each is, and only that one is ended."""

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from steps import LOGS, STATE, say, text_of

PROCESSES = STATE / "processes"
NETWORK = "dagger-cluster"
INSIDE = ("nsenter", f"--net=/run/netns/{NETWORK}")
"""Put before a command, runs it in the network namespace in which all servers live."""


def start(name: str, *command: str | Path, inside: bool = True, **variables: str) -> None:
    """Start a server, unless it runs; inside the cluster's network namespace if asked to."""
    if alive(name):
        return
    PROCESSES.mkdir(parents=True, exist_ok=True)
    LOGS.mkdir(parents=True, exist_ok=True)
    with (LOGS / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            [*(INSIDE if inside else ()), *map(str, command)],
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    born = _born(process.pid)
    _file(name).write_text(json.dumps({"pid": process.pid, "born": born}))


def alive(name: str) -> bool:
    """Whether the process that was started under a name still runs."""
    return _pid(name) is not None


def stop(name: str, patience: float = 20) -> None:
    """End the process that was started under a name, at last by force."""
    pid = _pid(name)
    if pid is not None:
        _signal(pid, signal.SIGTERM)
        end = time.monotonic() + patience
        while alive(name) and time.monotonic() < end:
            time.sleep(0.1)
        if alive(name):
            say(f"{name} does not end by itself")
            _signal(pid, signal.SIGKILL)
    _file(name).unlink(missing_ok=True)


def started() -> list[str]:
    """The names under which processes run."""
    return sorted(file.stem for file in PROCESSES.glob("*.json") if alive(file.stem))


def network_is_left() -> bool:
    """Whether there is a network without servers of ours, so that no cluster can be started."""
    return Path(f"/run/netns/{NETWORK}").exists() and not started()


def make_network() -> None:
    """Make the network namespace, with nothing in it but its loopback and no way out."""
    if not Path(f"/run/netns/{NETWORK}").exists():
        subprocess.run(["ip", "netns", "add", NETWORK], check=True)
    subprocess.run([*INSIDE, "ip", "link", "set", "lo", "up"], check=True)


def remove_network() -> None:
    """Remove the network namespace with all in it, also processes that tests have left."""
    if Path(f"/run/netns/{NETWORK}").exists():
        for pid in (text_of("ip", "netns", "pids", NETWORK) or "").split():
            _signal(int(pid), signal.SIGKILL)
        subprocess.run(["ip", "netns", "del", NETWORK], check=True)


def run(*command: str | Path, cwd: Path, **variables: str) -> int:
    """Run a command in the network namespace; if this program is to end, let it clean up first.

    Returns:
        Its exit status.
    """
    process = subprocess.Popen(
        [*INSIDE, *map(str, command)], cwd=cwd, env={**os.environ, **variables}
    )
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(60)
            process.kill()
            process.wait()


def inside(*command: str | Path) -> str | None:
    """What a command prints in the network namespace, or ``None`` if it fails."""
    return text_of(*INSIDE, *command)


def unmount_below(folder: Path) -> None:
    """Unmount whatever is mounted below a folder, the deepest first."""
    lines = Path("/proc/mounts").read_text().splitlines()
    points = [line.split()[1] for line in lines]
    for point in sorted((p for p in points if p.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", "--lazy", point], check=False)


def _file(name: str) -> Path:
    return PROCESSES / f"{name}.json"


def _pid(name: str) -> int | None:
    try:
        known = json.loads(_file(name).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    pid: int = known["pid"]
    return pid if known["born"] and _born(pid) == known["born"] else None


def _born(pid: int) -> str:
    """When a process began, in the kernel's ticks; empty for one that is over."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
