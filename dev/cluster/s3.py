"""A real S3 server: Ceph's gateway over one monitor and one disk in memory."""

import subprocess
import uuid
from pathlib import Path

from processes import INSIDE, inside, start, stop
from steps import STATE, call, step, wait_for

FOLDER = STATE / "s3"
MONITOR = 19789
PORT = 19003
ACCESS, SECRET = "dagger", "dagger-secret"
SERVERS = ("s3-gateway", "s3-disk", "s3-monitor")


def up(address: str) -> dict[str, str]:
    """Start the server at an address of the network namespace.

    Returns:
        The environment by which clients, in pods and beside them, find it.
    """
    url = f"http://{address}:{PORT}"
    if inside("curl", "-sf", url) is None:
        with step("start the S3 server"):
            down()
            _start(address, url)
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": ACCESS,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def down() -> None:
    """End it; what it stored is gone."""
    for name in SERVERS:
        stop(name)


def _start(address: str, url: str) -> None:
    subprocess.run(["rm", "-rf", FOLDER], check=True)
    for part in ("monitor", "disk", "run"):
        (FOLDER / part).mkdir(parents=True)
    cluster, disk = str(uuid.uuid4()), str(uuid.uuid4())
    config = FOLDER / "ceph.conf"
    config.write_text(_config(address, cluster))

    def ceph(program: str, *words: str | Path) -> None:
        call(*INSIDE, program, "--conf", config, *words, log="s3")

    def answers(*words: str) -> str:
        return inside("timeout", "10", "ceph", "--conf", config, *words) or ""

    monitors = FOLDER / "monitors"
    here = f"[v1:{address}:{MONITOR}]"
    members = ("--fsid", cluster, "--addv", "a", here)
    call("monmaptool", "--create", "--clobber", *members, monitors, log="s3")
    ceph("ceph-mon", "-i", "a", "--mkfs", "--monmap", monitors)
    start("s3-monitor", "ceph-mon", "--conf", config, "-i", "a", "-f")
    wait_for("the S3 server's monitor", 60, lambda: answers("status"))
    ceph("ceph", "osd", "new", disk)
    ceph("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk)

    def disk_is_up() -> bool:
        # It ends when it is quicker than the monitor, which happens on a busy machine.
        start("s3-disk", "ceph-osd", "--conf", config, "-i", "0", "-f")
        return "1 up" in answers("osd", "stat")

    wait_for("the S3 server's disk", 120, disk_is_up)
    start("s3-gateway", "radosgw", "--conf", config, "-n", "client.gateway", "-f")
    wait_for("the S3 server", 120, lambda: inside("curl", "-sf", url) is not None)
    ceph(
        "radosgw-admin", "-n", "client.gateway", "user", "create", "--uid=dagger",
        "--display-name=dagger", f"--access-key={ACCESS}", f"--secret={SECRET}",
    )  # fmt: skip


def _config(address: str, cluster: str) -> str:
    return f"""\
[global]
fsid = {cluster}
mon_host = v1:{address}:{MONITOR}
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_crush_chooseleaf_type = 0
osd_pool_default_pg_num = 8
osd_pool_default_pg_autoscale_mode = off
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 500
run_dir = {FOLDER}/run
admin_socket = {FOLDER}/run/$name.asok
log_file = {FOLDER}/run/$name.log
public_addr = {address}
cluster_addr = {address}
ms_bind_ipv6 = false
[mon.a]
mon_data = {FOLDER}/monitor
[osd.0]
osd_data = {FOLDER}/disk
osd_objectstore = memstore
memstore_device_bytes = {2 << 30}
[client.gateway]
rgw_frontends = beast endpoint={address}:{PORT}
"""
