"""The identity of volumes: what is one volume, and for whom."""

from __future__ import annotations

import pytest
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.volumes import Resolver
from helpers import device, pool

POOLS = [
    pool(),
    pool(
        "nfs", "/mnt/nfs", type="netfs", source={"host/@name": "filer", "dir/@path": "/export/vm/"}
    ),
    pool("vg", "/dev/vg", type="logical"),
    pool(
        "ceph",
        "",
        type="rbd",
        source={"name": "rbdpool", "host/@name": "mon1", "host/@port": "6789"},
    ),
    pool("san", "/dev/disk/by-path", type="iscsi"),
]


@pytest.mark.parametrize(
    ("xml", "scope", "source"),
    [
        ("<disk type='file'><source file='/images//x/../a.img'/>", "host:hv1", "/images/a.img"),
        ("<disk><source file='/images/a.img'/>", "host:hv1", "/images/a.img"),
        ("<disk type='block'><source dev='/dev/vg/root'/>", "host:hv1", "/dev/vg/root"),
        ("<disk type='dir'><source dir='/srv/floppy/'/>", "host:hv1", "/srv/floppy"),
        ("<disk type='file'><source file='/srv/shared/a.img'/>", "fleet", "/srv/shared/a.img"),
        (
            "<disk type='file'><source file='/srv/shared-not/a.img'/>",
            "host:hv1",
            "/srv/shared-not/a.img",
        ),
        (
            "<disk type='file'><source file='/mnt/nfs/sub/a.img'/>",
            "fleet",
            "nfs://filer/export/vm/sub/a.img",
        ),
        (
            "<disk type='volume'><source pool='default' volume='a.img'/>",
            "host:hv1",
            "/images/a.img",
        ),
        (
            "<disk type='volume'><source pool='nfs' volume='a.img'/>",
            "fleet",
            "nfs://filer/export/vm/a.img",
        ),
        ("<disk type='volume'><source pool='vg' volume='root'/>", "host:hv1", "/dev/vg/root"),
        (
            "<disk type='volume'><source pool='ceph' volume='img'/>",
            "fleet",
            "rbd://mon1:6789/rbdpool/img",
        ),
        (
            "<disk type='volume'><source pool='san' volume='unit:0:0:1'/>",
            "host:hv1",
            "/dev/disk/by-path/ip-1-lun-1",
        ),
        ("<disk type='volume'><source pool='unknown' volume='v'/>", "host:hv1", "pool:unknown/v"),
        (
            "<disk type='network'><source protocol='rbd' name='rbdpool/img'><host name='mon1'/></source>",
            "fleet",
            "rbd://mon1:6789/rbdpool/img",
        ),
        (
            "<disk type='network'><source protocol='iscsi' name='iqn:t/1'><host name='::1' port='3261'/></source>",
            "fleet",
            "iscsi://::1:3261/iqn:t/1",
        ),
        (
            "<disk type='network'><source protocol='nbd'><host transport='unix' socket='/run/nbd'/></source>",
            "fleet",
            "nbd://unix:/run/nbd/",
        ),
        (
            "<disk type='nvme'><source type='pci' namespace='2'><address bus='0x01' slot='0' function='0'/></source>",
            "host:hv1",
            "pci:0000:01:00.0/2",
        ),
        (
            "<disk type='vhostuser'><source type='unix' path='/run/v.sock'/>",
            "host:hv1",
            "/run/v.sock",
        ),
        (
            "<disk type='vhostvdpa'><source dev='/dev/vhost-vdpa-0'/>",
            "host:hv1",
            "/dev/vhost-vdpa-0",
        ),
    ],
)
def test_identity(xml: str, scope: str, source: str) -> None:
    resolver = Resolver("hv1", POOLS, ["/srv/shared"])
    resolver.learn("san", {"name": "unit:0:0:1", "path": "/dev/disk/by-path/ip-1-lun-1"})
    identity = resolver.of_disk(device("volume_attachments", xml + "<target dev='vda'/></disk>"))
    assert identity is not None
    assert (identity.scope, identity.source) == (scope, source)
    assert len(identity.digest) == 64


@pytest.mark.parametrize(
    "xml",
    [
        "<disk type='file'>",
        "<disk type='volume'>",
        "<disk type='network'>",
        "<disk type='nvme'>",
        "<disk type='file'><source startupPolicy='optional'/>",
    ],
)
def test_nothing_behind_it(xml: str) -> None:
    assert (
        Resolver("hv1", [], []).of_disk(
            device("volume_attachments", xml + "<target dev='vda'/></disk>")
        )
        is None
    )
