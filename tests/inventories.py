"""Inventories of the plugin ``ledger``: a small fleet for them, and reading many in one process.

As a program it reads a JSON list of files from its input, lets the plugin parse each as Ansible
does, and prints what came of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ansible.parsing.vault import VaultSecret

PLUGIN = "virtledger.libvirt.ledger"

#: What opens vaulted values.
SECRETS = [("default", VaultSecret(b"vault-password"))]

_OSINFO = "http://libosinfo.org/xmlns/libvirt/domain/1.0"

#: The operating system, two tags and a label.
MARKED = (
    f"<metadata><o:libosinfo xmlns:o='{_OSINFO}'><o:os id='http://debian.org/debian/12'/>"
    "</o:libosinfo><a:tags xmlns:a='urn:a'><a:tag>web</a:tag><a:tag>50%_off \"now\"</a:tag></a:tags>"
    "<b:labels xmlns:b='urn:b'><b:env>prod</b:env></b:labels></metadata>"
)

NIC = "<interface type='network'><mac address='52:54:00:00:00:{0}'/><source network='{1}'/>{2}</interface>"
DISK = "<disk type='file'><source file='{0}'/><target dev='vda'/></disk>"
IN_POOL = "<disk type='volume'><source pool='{0}' volume='x'/><target dev='vdb'/></disk>"

#: What must never be evaluated, and never be a name.
HOSTILE = "x{{ lookup('pipe', 'touch pwned') }}, [1:2]"


def machine(
    name: str, number: int, devices: str = "", state: str = "shutoff", more: str = ""
) -> Any:
    """The facts of a VM."""
    from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import (
        Status,
        domain_facts,
    )
    from helpers import domain_xml

    text = domain_xml(devices, name, number, more)
    live = text.replace("<domain type='kvm'>", "<domain type='kvm' id='3'>")
    running = state == "running"
    return domain_facts(live if running else None, text, status=Status(state, True, False))


def record_fleet(ledger: Any) -> None:
    """Two hypervisors: web1, a hostile name, db1 and db on hv1; db, hv1 and WEB2 on hv2; old1 gone."""
    from helpers import answer, network, pool

    lan = network("lan", "nat", "virbr1")
    lan["vlan_tags"] = {"trunk": None, "tags": [{"id": 42, "nativeMode": None}]}
    parts = {"networks": [lan, network("dmz")], "storage_pools": [pool(volumes=["a.qcow2"])]}
    static = (
        "<ip address='192.0.2.4' prefix='24'/><ip address='2001:db8::4' family='ipv6' prefix='64'/>"
    )
    web1 = machine(
        "web1",
        1,
        NIC.format("01", "lan", static) + DISK.format("/images/a.qcow2"),
        "running",
        MARKED,
    )
    tagged = "<vlan trunk='yes'><tag id='7'/><tag id='420'/></vlan>"
    hostile = machine(HOSTILE, 2, NIC.format("02", "dmz", tagged) + IN_POOL.format("fast"))
    db1 = machine("db1", 3, "<interface type='bridge'><source bridge='br0'/></interface>")
    db = machine("db", 4)
    ledger.record(answer(web1, hostile, db1, db, machine("old1", 9), **parts), "hv1")
    ledger.record(answer(web1, hostile, db1, db, **parts), "hv1")
    ledger.record(answer(machine("db", 5), machine("hv1", 6), machine("WEB2", 7)), "hv2")


def parse(environment: dict[str, str], *sources: tuple[Path, bool]) -> list[dict[str, Any]]:
    """What the plugin makes of each file: ``hosts``, ``groups``, or an ``error``.

    :param sources: files, and whether what is in a cache may serve.
    """
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps([[str(path), cache] for path, cache in sources]),
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def _main() -> None:
    from ansible.parsing.vault import VaultSecretsContext
    from ansible.plugins.loader import init_plugin_loader

    init_plugin_loader()
    VaultSecretsContext.initialize(VaultSecretsContext(secrets=SECRETS))
    print(json.dumps([_parsed(path, cache) for path, cache in json.load(sys.stdin)], default=str))


def _parsed(path: str, cache: bool) -> dict[str, Any]:
    from ansible.errors import AnsibleError
    from ansible.inventory.data import InventoryData
    from ansible.parsing.dataloader import DataLoader
    from ansible.plugins.loader import inventory_loader

    plugin = inventory_loader.get(PLUGIN)
    if not plugin.verify_file(path):
        return {"error": "declined"}
    inventory = InventoryData()
    loader = DataLoader()
    loader.set_vault_secrets(SECRETS)
    try:
        plugin.parse(inventory, loader, path, cache=cache)
    except AnsibleError as error:
        return {"error": str(error)}
    if hasattr(plugin, "_cache"):
        plugin.update_cache_if_changed()
    return {
        "hosts": {name: host.get_vars() for name, host in inventory.hosts.items()},
        "groups": {
            name: [host.name for host in group.get_hosts()]
            for name, group in inventory.groups.items()
        },
    }


if __name__ == "__main__":
    _main()
