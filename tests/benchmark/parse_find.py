"""The planned columns as a script would read them: one find() or get() for each field."""

from __future__ import annotations

from typing import Any


def planned_fields(root: Any) -> dict[str, Any]:
    """Domain, disks, NICs and filesystems of a document; without what no field claims."""
    return {
        "uuid": root.findtext("uuid"),
        "name": root.findtext("name"),
        "title": root.findtext("title"),
        "description": root.findtext("description"),
        "os_type": root.findtext("os/type"),
        "arch": _attribute(root, "os/type", "arch"),
        "machine": _attribute(root, "os/type", "machine"),
        "vcpu_count": root.findtext("vcpu"),
        "cpu_mode": _attribute(root, "cpu", "mode"),
        "cpu_model": root.findtext("cpu/model"),
        "cpu_topology": _attributes(root, "cpu/topology"),
        "memory": root.findtext("memory"),
        "current_memory": root.findtext("currentMemory"),
        "disks": [_disk(element) for element in root.findall("devices/disk")],
        "nics": [_nic(element) for element in root.findall("devices/interface")],
        "filesystems": [_filesystem(element) for element in root.findall("devices/filesystem")],
    }


def _attribute(element: Any, path: str, name: str) -> str | None:
    found = element.find(path)
    return None if found is None else found.get(name)


def _attributes(element: Any, path: str) -> dict[str, str] | None:
    found = element.find(path)
    return None if found is None else dict(found.items())


def _disk(disk: Any) -> dict[str, Any]:
    limits = disk.find("iotune")
    return {
        "source_type": disk.get("type"),
        "device_type": disk.get("device"),
        "target_dev": _attribute(disk, "target", "dev"),
        "target_bus": _attribute(disk, "target", "bus"),
        "driver_name": _attribute(disk, "driver", "name"),
        "driver_format": _attribute(disk, "driver", "type"),
        "driver_cache": _attribute(disk, "driver", "cache"),
        "driver_io": _attribute(disk, "driver", "io"),
        "driver_discard": _attribute(disk, "driver", "discard"),
        "driver_queues": _attribute(disk, "driver", "queues"),
        "driver_queue_size": _attribute(disk, "driver", "queue_size"),
        "io_tune": None if limits is None else {limit.tag: limit.text for limit in limits},
        "serial": disk.findtext("serial"),
        "wwn": disk.findtext("wwn"),
        "is_read_only": disk.find("readonly") is not None,
        "shareable": disk.find("shareable") is not None,
        "transient": disk.find("transient") is not None,
        "source": _attributes(disk, "source"),
        "hosts": [dict(host.items()) for host in disk.findall("source/host")],
        "snapshot_name": _attribute(disk, "source/snapshot", "name"),
        "boot_order": _attribute(disk, "boot", "order"),
        "alias": _attribute(disk, "alias", "name"),
        "address": _attributes(disk, "address"),
    }


def _nic(nic: Any) -> dict[str, Any]:
    return {
        "source_type": nic.get("type"),
        "trust_guest_rx_filters": nic.get("trustGuestRxFilters"),
        "mac_address": _attribute(nic, "mac", "address"),
        "device_name": _attribute(nic, "target", "dev"),
        "model_name": _attribute(nic, "model", "type"),
        "source": _attributes(nic, "source"),
        "virtual_port": _attribute(nic, "virtualport", "type"),
        "parameters": _attributes(nic, "virtualport/parameters"),
        "filter": _attribute(nic, "filterref", "filter"),
        "filter_parameters": [dict(one.items()) for one in nic.findall("filterref/parameter")],
        "vlan_trunk": _attribute(nic, "vlan", "trunk"),
        "vlan_tags": [tag.get("id") for tag in nic.findall("vlan/tag")],
        "ip_addresses": [ip.get("address") for ip in nic.findall("ip")],
        "link_state": _attribute(nic, "link", "state"),
        "mtu": _attribute(nic, "mtu", "size"),
        "driver_name": _attribute(nic, "driver", "name"),
        "driver_queues": _attribute(nic, "driver", "queues"),
        "boot_order": _attribute(nic, "boot", "order"),
        "alias": _attribute(nic, "alias", "name"),
        "address": _attributes(nic, "address"),
    }


def _filesystem(filesystem: Any) -> dict[str, Any]:
    return {
        "type": filesystem.get("type"),
        "driver_type": _attribute(filesystem, "driver", "type"),
        "source": _attributes(filesystem, "source"),
        "target_path": _attribute(filesystem, "target", "dir"),
        "is_read_only": filesystem.find("readonly") is not None,
        "alias": _attribute(filesystem, "alias", "name"),
        "address": _attributes(filesystem, "address"),
    }
