# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The devices of VMs: matched with the recorded ones, and the index kept in step."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    DISK,
    INTERFACE,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.changes import (
    ADDED,
    REMOVED,
    Change,
    Owner,
    differences,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.chronicle import note
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.inventory import HostPlan
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.machine import Machine
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Key,
    Recording,
    Values,
    difference,
    load,
    nothing_moves,
    select_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.stores import (
    STORES,
    Store,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.volume_plan import (
    VolumePlan,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    attachment_indices,
    port_bindings,
)

Facts = t.Dict[str, t.Any]


class _Fitted(t.Dict[str, t.Any]):
    """A device's columns in one dictionary, which is what identifies it, and in their tables."""

    def __init__(self, device: Facts, attachment: Values, resource: Values) -> None:
        super().__init__({**attachment, **resource})
        self.device = device
        self.attachment = attachment
        self.resource = resource


class DevicePlan:
    """Plans the device rows of some VMs of a host, their bindings and their index rows.

    :ivar released: volumes that an attachment has let go of.
    :ivar removed: disk attachments that are removed or point elsewhere now.
    """

    def __init__(
        self,
        recording: Recording,
        host: HostPlan,
        disks: VolumePlan,
        vm_uuids: t.Collection[str],
    ) -> None:
        self._recording = recording
        self._host = host
        self._disks = disks
        connection = recording.connection
        self._stored = {store.family.fact: store.load(connection, vm_uuids) for store in STORES}
        self._index = self._load_index(connection, vm_uuids)
        self._bindings = self._load_bindings(connection)
        self.released: t.Set[int] = set()
        self.removed: t.Set[int] = set()

    @staticmethod
    def _load_index(
        connection: t.Any, vm_uuids: t.Collection[str]
    ) -> t.Dict[t.Tuple[str, int], Values]:
        table = attachment_indices
        rows = load(connection, select_all(table), table.c.vm_uuid, vm_uuids)
        return {(row["device_type"], row["attachment_id"]): row for row in rows}

    def _load_bindings(self, connection: t.Any) -> t.Dict[int, Values]:
        """The binding of each recorded port; of several the first."""
        ports = [row["id"] for rows in self._stored[INTERFACE.fact].values() for row in rows]
        table = port_bindings
        query = select_all(table).where(table.c.deleted_at.is_(None)).order_by(table.c.id.desc())
        return {row["port_id"]: row for row in load(connection, query, table.c.port_id, ports)}

    def disks_of(self, vm_uuids: t.Iterable[str]) -> t.List[Facts]:
        """The recorded disks of VMs, as far as they tell which volumes are behind them."""
        stored = self._stored[DISK.fact]
        return [_disk(row) for uuid in vm_uuids for row in stored.get(uuid, ())]

    @property
    def volume_ids(self) -> t.Set[int]:
        """The volumes behind the recorded disks."""
        rows = [row for rows in self._stored[DISK.fact].values() for row in rows]
        return {row["volume_id"] for row in rows if row["volume_id"] is not None}

    def rebind(self, vm: Values) -> t.List[Change]:
        """Plan the volumes and networks of a VM that is as recorded on a host that is not."""
        changes: t.List[Change] = []
        name = vm["name"] or vm["domain_uuid"]
        store = next(store for store in STORES if store.family is DISK)
        for row in self._stored[DISK.fact].get(vm["uuid"], ()):
            volume_id = {"volume_id": self._disks.key(_disk(row))}
            changes += self._update(store, row, (volume_id, {}), owner=name)
        for row in self._stored[INTERFACE.fact].get(vm["uuid"], ()):
            self._bind(row["id"], self._host.network_id(row))
        note(self._recording, changes, Owner(vm["uuid"], vm["domain_uuid"], name))
        return changes

    def machine(self, vm: Machine) -> t.List[Change]:
        """Plan the devices of one VM; families that were not gathered stay as they are.

        :returns: what changes.
        """
        changes: t.List[Change] = []
        is_new = vm.before is None
        for store in STORES:
            devices = vm.domain[store.family.fact]
            if is_new and devices:
                self._new(store, vm.vm_uuid, devices)
            elif devices or (devices is not None and self._stored[store.family.fact]):
                changes += self._family(store, vm, devices)
        return changes

    def remove(self, vm_uuid: str) -> None:
        """Plan the removal of everything that a VM has."""
        for store in STORES:
            for row in self._stored[store.family.fact].get(vm_uuid, ()):
                self._remove(store, row)

    def _new(self, store: Store, vm_uuid: str, devices: t.Sequence[Facts]) -> None:
        """Plan the devices of a new VM, among which nothing needs to be found again."""
        for device in devices:
            attachment, resource = self._fitted(store, vm_uuid, device, nulls=False)
            port = self._insert(store, attachment, resource)
            if store.family is INTERFACE:
                self._bind(port, self._host.network_id(device))
        self._recording.plan.index(store.family.index_type, vm_uuid, len(devices))

    def _fitted(
        self, store: Store, vm_uuid: str, device: Facts, nulls: bool = True
    ) -> t.Tuple[Values, Values]:
        """A device's columns in the attachment and in the resource, see :meth:`Store.fit`."""
        attachment, resource = store.fit(device, nulls)
        attachment["vm_uuid"] = vm_uuid
        if store.family is DISK:
            attachment["volume_id"] = self._disks.key(device)
        if store.has_host:
            attachment["host_id"] = self._recording.host_id
        if store.resource_has_host:
            resource["host_id"] = self._recording.host_id
        return attachment, resource

    def _family(self, store: Store, vm: Machine, devices: t.Sequence[Facts]) -> t.List[Change]:
        family = store.family
        stored = store.keyed(self._stored[family.fact].get(vm.vm_uuid, ()))
        wanted = store.keyed(
            _Fitted(device, *self._fitted(store, vm.vm_uuid, device)) for device in devices
        )
        changes = []
        for key, row in stored.items():
            if key not in wanted:
                thing = store.thing(row, store.own_key(row))
                changes.append(Change(thing, REMOVED, old=store.telling(row)))
                self._remove(store, row)
        for key, fitted in wanted.items():
            device, attachment, resource = fitted.device, fitted.attachment, fitted.resource
            if key not in stored:
                port = self._insert(store, attachment, resource)
                row = {**attachment, "id": port}
                self._index_row(store, row)
                thing = store.thing(device, store.own_key(row))
                changes.append(Change(thing, ADDED, new=store.telling(device)))
            else:
                port = stored[key]["id"]
                changes += self._update(store, stored[key], (attachment, resource), vm)
            if family is INTERFACE:
                self._bind(port, self._host.network_id(device))
        return changes

    def _insert(self, store: Store, attachment: Values, resource: Values) -> Key:
        """Plan the rows of a device; the key of its attachment."""
        if store.resource is not None:
            attachment[store.link] = self._recording.insert(store.resource, resource)
        if store.family is DISK:
            self._disks.keep(attachment["volume_id"])
        return self._recording.insert(store.attachment, attachment)

    def _update(
        self,
        store: Store,
        row: Values,
        parts: t.Tuple[Values, Values],
        vm: t.Optional[Machine] = None,
        owner: str = "",
    ) -> t.List[Change]:
        """Plan the new values of a device, those of the attachment and of the resource.

        :param vm: whose device it is; null where only what is around the VM is another.
        :param owner: the VM's name, where the reader of the changes does not know it.
        """
        attachment, resource = parts
        moves = nothing_moves if vm is None else vm.moves(store.moves)
        settled = vm is not None and vm.settled
        if store.family is DISK and row["volume_id"] not in (None, attachment["volume_id"]):
            self.released.add(row["volume_id"])
            self.removed.add(row["id"])
        changed = difference(row, attachment, moves, settled)
        if store.family is DISK and "volume_id" in changed:
            self._disks.keep(changed["volume_id"])
        self._recording.update(store.attachment, row["id"], changed)
        changed_resource: Values = {}
        if store.resource is not None:
            changed_resource = difference(row, resource, moves, settled)
            self._recording.update(store.resource, row[store.link], changed_resource)
        self._index_row(store, {**row, **changed})
        if not (changed or changed_resource):
            return []
        thing = store.thing(row, store.own_key(row), owner)
        untold = nothing_moves if vm is None else vm.untold(store)
        return differences(thing, row, {**changed, **changed_resource}, untold)

    def _index_row(self, store: Store, row: Values) -> None:
        """One row of the index for one attachment, with the device that it has now."""
        kind = store.family.index_type
        before = self._index.get((kind, row["id"]))
        device_id = store.device_id(row)
        if before is None:
            entry = {
                "vm_uuid": row["vm_uuid"],
                "device_type": kind,
                "attachment_id": row["id"],
                "device_id": device_id,
            }
            self._recording.insert(attachment_indices, entry)
        elif before["device_id"] != device_id or before["deleted_at"] is not None:
            now = {"device_id": device_id, "deleted_at": None}
            self._recording.update(attachment_indices, before["id"], now)

    def _bind(self, port_id: t.Any, network_id: t.Any) -> None:
        """A port is bound to one network, or to none."""
        before = self._bindings.get(port_id)
        if before is not None and before["network_id"] == network_id:
            return
        if network_id is None:
            if before is not None:
                self._recording.plan.delete(port_bindings, [before["id"]])
        elif before is None:
            self._recording.insert(port_bindings, {"port_id": port_id, "network_id": network_id})
        else:
            self._recording.update(port_bindings, before["id"], {"network_id": network_id})

    def _remove(self, store: Store, row: Values) -> None:
        plan = self._recording.plan
        plan.delete(store.attachment, [row["id"]])
        if store.resource is not None and row[store.link] is not None:
            plan.delete(store.resource, [row[store.link]])
        if store.family is DISK:
            self.removed.add(row["id"])
            if row["volume_id"] is not None:
                self.released.add(row["volume_id"])
        if store.family is INTERFACE and row["id"] in self._bindings:
            plan.delete(port_bindings, [self._bindings[row["id"]]["id"]])
        indexed = self._index.get((store.family.index_type, row["id"]))
        if indexed is not None:
            plan.delete(attachment_indices, [indexed["id"]])


def _disk(row: Values) -> Facts:
    return {
        "source": row["source_json"],
        "source_ref": row["source_ref"],
        "source_type": row["source_type"],
        "driver_format": row["driver_format"],
    }
