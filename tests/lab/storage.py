"""Storage pools and disk images on the lab's hypervisors."""

from __future__ import annotations

import shlex

from ansible_collections.virtledger.libvirt.tests.lab.lab import Hypervisor

#: Where libvirt keeps images by default; it exists on every hypervisor, and is empty.
IMAGES = "/var/lib/libvirt/images"


def dir_pool(name: str, path: str) -> str:
    """XML of a pool whose volumes are the files of a directory."""
    return f"<pool type='dir'><name>{name}</name><target><path>{path}</path></target></pool>"


def create_image(
    hypervisor: Hypervisor,
    name: str,
    size: str = "16M",
    format: str = "qcow2",
    backing: str | None = None,
    directory: str = IMAGES,
) -> str:
    """Make a disk image and return its path; ``backing`` is the path of a qcow2 image below it."""
    path = f"{directory}/{name}"
    command = ["qemu-img", "create", "-q", "-f", format]
    if backing:
        command += ["-b", backing, "-F", "qcow2"]
    hypervisor.sh(f"mkdir -p {shlex.quote(directory)}; {shlex.join([*command, path, size])}")
    return path


def create_volume(
    hypervisor: Hypervisor, pool: str, name: str, size: str = "16M", format: str = "qcow2"
) -> tuple[str, str]:
    """Make a volume in a running pool; (pool, volume), as ``Disk(volume=...)`` wants it."""
    hypervisor.virsh("vol-create-as", pool, name, size, "--format", format)
    return pool, name
