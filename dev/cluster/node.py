"""A Kubernetes of one node, made of programs that run here; no container registry is asked.

All of it lives in one network namespace, in which the node is `ADDRESS`; nothing gets out of it.
"""

import json
import secrets
import subprocess
import tempfile
from pathlib import Path

import build
import image
from processes import (
    INSIDE,
    alive,
    inside,
    make_network,
    remove_network,
    start,
    stop,
    unmount_below,
)
from steps import STATE, call, step, text_of, wait_for

FOLDER = STATE / "kubernetes"
ADDRESS = "10.77.0.1"
API = "https://127.0.0.1:16443"
NODE = "node"
KUBECONFIG = FOLDER / "kubeconfig"
CGROUP = "dagger-cluster"
SERVERS = ("kubelet", "scheduler", "controllers", "apiserver", "etcd")
SOCKET = FOLDER / "containerd.sock"
# The kubelet sets these for the whole machine.
KERNEL = ("vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops")
PAUSE = "localhost/dagger-pause:1"


def unable() -> str:
    """Why this machine's kernel lets no containers be made; empty when it does."""
    groups = _cgroups()
    if not groups:
        return "needs control groups, mounted below /sys/fs/cgroup"
    for group in groups:
        probe = group.with_name(f"{CGROUP}-probe")
        try:
            probe.mkdir(exist_ok=True)
            probe.rmdir()
        except OSError as error:
            return f"needs to make control groups: {error}"
    return "" if _takes_overlays() else f"needs a file system below {STATE} that takes overlays"


def _takes_overlays() -> bool:
    """Whether layers of images can be put on each other where they will lie."""
    STATE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=STATE) as folder:
        parts = {name: Path(folder, name) for name in ("lower", "upper", "work", "here")}
        for part in parts.values():
            part.mkdir()
        options = f"lowerdir={folder}/lower,upperdir={folder}/upper,workdir={folder}/work"
        mount = ("mount", "-t", "overlay", "overlay", "-o", options, parts["here"])
        return text_of("unshare", "--mount", *mount) is not None


def prepare() -> None:
    """Make what all servers and containers need of the machine."""
    build.kubernetes()
    _folders()
    _configure()
    _keep_kernel_settings()
    _make_cgroups()
    make_network()
    _add_bridge()
    start("containerd", "containerd", "--config", FOLDER / "containerd.toml")
    wait_for("containerd", 30, lambda: _ctr("version"))


def up() -> None:
    """Start the cluster; returns when the node takes pods."""
    programs = build.BINARIES
    with step("start Kubernetes"):
        load(image.write_pause(PAUSE, STATE / "pause.tar"))
        _start_control_plane(programs)
        _start_node(programs)
        wait_for("the node", 120, _node_is_ready)
        wait_for(
            "the account of pods", 60, lambda: _get("namespaces/default/serviceaccounts/default")
        )


def down() -> None:
    """End the cluster and its pods, and leave the machine as it was."""
    for name in SERVERS:
        stop(name)
    if alive("containerd"):
        _remove_containers()
    stop("containerd")
    unmount_below(FOLDER)
    _restore_kernel_settings()
    remove_network()
    _remove_cgroups()
    subprocess.run(["rm", "-rf", FOLDER / "etcd", FOLDER / "kubelet"], check=True)


def restart_api() -> None:
    """End the API server by force and start it again, as when its machine is rebooted."""
    stop("apiserver", patience=0)
    _start_api(build.BINARIES)


def has(name: str) -> bool:
    """Whether the node has an image."""
    return name in (_ctr("images", "ls", "-q") or "").split()


def load(archive: Path) -> None:
    """Put an image into the node."""
    call(
        "ctr", "--address", SOCKET, "--namespace", "k8s.io", "images", "import", archive, log="load"
    )


# Files


def _folders() -> None:
    for part in ("pki", "etcd", "kubelet", "cni", "containerd"):
        (FOLDER / part).mkdir(parents=True, exist_ok=True)


def _configure() -> None:
    pki = FOLDER / "pki"
    if not (pki / "api.crt").exists():
        call(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650",
            "-subj", "/CN=dagger-cluster",
            "-addext", f"subjectAltName=IP:127.0.0.1,IP:{ADDRESS},IP:10.96.0.1",
            "-addext", "keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign",
            "-keyout", pki / "api.key", "-out", pki / "api.crt", log="pki",
        )  # fmt: skip
        call("openssl", "genrsa", "-out", pki / "accounts.key", "2048", log="pki")
    token = _token()
    _write_private(pki / "tokens.csv", f'{token},admin,admin,"system:masters"\n')
    _write_private(KUBECONFIG, json.dumps(_kubeconfig(token)))
    (FOLDER / "kubelet.json").write_text(json.dumps(_kubelet()))
    (FOLDER / "containerd.toml").write_text(_containerd())
    (FOLDER / "cni" / "10-bridge.conflist").write_text(json.dumps(_pod_network()))


def _token() -> str:
    file = FOLDER / "pki" / "token"
    if not file.exists():
        _write_private(file, secrets.token_hex(16))
    return file.read_text()


def _write_private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text)


def _kubeconfig(token: str) -> dict[str, object]:
    authority = str(FOLDER / "pki" / "api.crt")
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": "here", "cluster": {"server": API, "certificate-authority": authority}}
        ],
        "users": [{"name": "admin", "user": {"token": token}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "admin"}}],
        "current-context": "here",
    }


def _kubelet() -> dict[str, object]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": ADDRESS,
        "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
        "authorization": {"mode": "AlwaysAllow"},
        "cgroupDriver": "cgroupfs",
        # Two kubelets under one root would remove each other's pods.
        "cgroupRoot": f"/{CGROUP}",
        "failSwapOn": False,
        "healthzBindAddress": "127.0.0.1",
        "imageGCHighThresholdPercent": 100,
        # Five requests a second, as is the default, hold up many short pods.
        "kubeAPIQPS": 50,
        "kubeAPIBurst": 100,
        "makeIPTablesUtilChains": False,
        # Else a node is taken for ready ten seconds after it is.
        "nodeStatusUpdateFrequency": "1s",
        "oomScoreAdj": 0,
        "resolvConf": "/etc/resolv.conf",
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
            "nodefs.inodesFree": "1%",
        },
    }


def _containerd() -> str:
    return f"""\
version = 2
root = "{FOLDER}/containerd/root"
state = "{FOLDER}/containerd/state"
[grpc]
  address = "{SOCKET}"
[plugins."io.containerd.internal.v1.opt"]
  path = "{FOLDER}/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "{PAUSE}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{FOLDER}/cni"
"""


def _pod_network() -> dict[str, object]:
    addresses = {
        "type": "host-local",
        "dataDir": f"{FOLDER}/kubelet/addresses",
        "ranges": [[{"subnet": "10.85.0.0/16"}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {
        "type": "bridge",
        "bridge": "pods0",
        "isGateway": True,
        "ipMasq": False,
        "ipam": addresses,
    }
    return {"cniVersion": "0.4.0", "name": "pods", "plugins": [bridge]}


# The machine


def _keep_kernel_settings() -> None:
    kept = FOLDER / "kernel.json"
    if not kept.exists():
        now = {name: Path("/proc/sys", name).read_text().strip() for name in KERNEL}
        kept.write_text(json.dumps(now))


def _restore_kernel_settings() -> None:
    kept = FOLDER / "kernel.json"
    if kept.exists():
        for name, value in json.loads(kept.read_text()).items():
            Path("/proc/sys", name).write_text(value)
        kept.unlink()


def _cgroups() -> list[Path]:
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    return [Path(point, CGROUP) for _, point, kind, *_ in mounts if kind in {"cgroup", "cgroup2"}]


def _make_cgroups() -> None:
    for group in _cgroups():
        if group.exists():
            continue
        group.mkdir()
        for name in ("cpuset.cpus", "cpuset.mems"):
            if (group / name).exists():
                (group / name).write_text((group.parent / name).read_text())
        # By default all pods together would get the time of one process.
        for name, weight in (("cpu.shares", 8192), ("cpu.weight", 800)):
            if (group / name).exists():
                (group / name).write_text(str(weight))


def _remove_cgroups() -> None:
    for group in _cgroups():
        if group.exists():
            subprocess.run(
                ["find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+"],
                stderr=subprocess.DEVNULL,
                check=False,
            )


def _add_bridge() -> None:
    """Give the node an address: the kubelet takes none of the loopback's."""
    if inside("ip", "link", "show", "node0") is None:
        for words in (
            ["link", "add", "node0", "type", "bridge"],
            ["address", "add", f"{ADDRESS}/24", "dev", "node0"],
            ["link", "set", "node0", "up"],
        ):
            subprocess.run([*INSIDE, "ip", *words], check=True)


def _ctr(*words: str) -> str | None:
    return inside("ctr", "--address", SOCKET, "--namespace", "k8s.io", *words)


def _remove_containers() -> None:
    for task in (_ctr("tasks", "ls", "-q") or "").split():
        _ctr("tasks", "kill", "--signal", "KILL", task)
        _ctr("tasks", "rm", "--force", task)
    for container in (_ctr("containers", "ls", "-q") or "").split():
        network = _network_of(container)
        _ctr("containers", "rm", container)
        # What the kubelet does for a pod that ends; these have not.
        if network:
            text_of("ip", "netns", "del", network)
        for result in Path("/var/lib/cni/results").glob(f"*-{container}-*"):
            result.unlink()


def _network_of(container: str) -> str:
    """The network namespace that was made for the pod of a container."""
    spec = json.loads(_ctr("containers", "info", container) or "{}").get("Spec", {})
    found = [n.get("path", "") for n in spec.get("linux", {}).get("namespaces", ())]
    return next((Path(path).name for path in found if "/netns/cni-" in path), "")


# The servers


def _start_control_plane(programs: Path) -> None:
    client, peer = "http://127.0.0.1:12379", "http://127.0.0.1:12380"
    start(
        "etcd", "etcd", "--name", "here", "--data-dir", FOLDER / "etcd",
        "--listen-client-urls", client, "--advertise-client-urls", client,
        "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
        "--initial-cluster", f"here={peer}", "--unsafe-no-fsync",
    )  # fmt: skip
    _start_api(programs)
    common = (
        f"--kubeconfig={KUBECONFIG}", f"--authentication-kubeconfig={KUBECONFIG}",
        f"--authorization-kubeconfig={KUBECONFIG}", "--leader-elect=false",
        "--bind-address=127.0.0.1", "--port=0",
    )  # fmt: skip
    pki = FOLDER / "pki"
    start(
        "controllers", programs / "kube-controller-manager", *common,
        "--use-service-account-credentials=false", f"--root-ca-file={pki}/api.crt",
        f"--service-account-private-key-file={pki}/accounts.key",
    )  # fmt: skip
    start("scheduler", programs / "kube-scheduler", *common)


def _start_api(programs: Path) -> None:
    pki = FOLDER / "pki"
    start(
        "apiserver", programs / "kube-apiserver", "--etcd-servers=http://127.0.0.1:12379",
        "--bind-address=127.0.0.1", "--secure-port=16443", f"--advertise-address={ADDRESS}",
        f"--tls-cert-file={pki}/api.crt", f"--tls-private-key-file={pki}/api.key",
        f"--token-auth-file={pki}/tokens.csv", "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.96.0.0/16", "--allow-privileged=true",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={pki}/accounts.key",
        f"--service-account-signing-key-file={pki}/accounts.key",
        "--kubelet-preferred-address-types=InternalIP",
    )  # fmt: skip
    wait_for("the API server", 120, lambda: inside("curl", "-sf", *_access(), f"{API}/readyz"))


def _start_node(programs: Path) -> None:
    start(
        "kubelet", programs / "kubelet", f"--config={FOLDER}/kubelet.json",
        f"--kubeconfig={KUBECONFIG}", f"--root-dir={FOLDER}/kubelet",
        f"--cert-dir={FOLDER}/pki/kubelet", "--container-runtime=remote",
        f"--container-runtime-endpoint=unix://{SOCKET}", f"--hostname-override={NODE}",
        f"--node-ip={ADDRESS}",
        # It would look for the credentials of a cloud.
        AWS_EC2_METADATA_DISABLED="true",
    )  # fmt: skip


def _node_is_ready() -> bool:
    node = json.loads(_get(f"nodes/{NODE}") or "{}")
    conditions = node.get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _get(path: str) -> str | None:
    return inside("curl", "-sf", *_access(), f"{API}/api/v1/{path}")


def _access() -> tuple[str, ...]:
    return ("--cacert", f"{FOLDER}/pki/api.crt", "-H", f"Authorization: Bearer {_token()}")
