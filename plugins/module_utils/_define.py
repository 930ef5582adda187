# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Defining domains on a hypervisor: everything is looked at before the first one is defined.

A domain that is there as it is ordered stays as it is.
"""

from __future__ import annotations

import typing as t
from xml.etree.ElementTree import canonicalize

from ansible_collections.virtledger.libvirt.plugins.module_utils import _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._connection import (
    connection,
    error_message,
    libvirt,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    uuid_text,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    LibvirtError,
    XmlError,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._plain import redact

Facts = t.Dict[str, t.Any]

#: Where the definition of a device names a network or a pool of the host.
_NEEDS = (
    ("network", "devices/interface[@type='network']/source", "network"),
    ("storage pool", "devices/disk[@type='volume']/source", "pool"),
)


class Order(t.NamedTuple):
    """What is to be done.

    :ivar xml: the domain's XML.
    :ivar autostart: whether it shall start with the hypervisor.
    """

    xml: str
    autostart: bool


class Policy(t.NamedTuple):
    """How it is to be done.

    :ivar replace: define a domain again that is defined and does not run.
    :ivar start: start what was defined.
    :ivar check_mode: look at everything and change nothing.
    """

    replace: bool = False
    start: bool = False
    check_mode: bool = False


class _Task:
    """One domain on its way."""

    def __init__(self, order: Order) -> None:
        root = _xml.domain_element(_xml.parse(order.xml))
        self.order = order
        self.name = root.findtext("name") or ""
        uuid = uuid_text(root.findtext("uuid") or "")
        self.uuid = None if uuid is INVALID else str(uuid)
        self.needs = [
            (kind, element.get(attribute))
            for kind, path, attribute in _NEEDS
            for element in root.iterfind(path)
            if element.get(attribute)
        ]
        self.handle: t.Any = None
        self.before = ""
        self.is_there = False
        self.is_running = False
        self.result: Facts = {
            "name": self.name,
            "uuid": self.uuid,
            "status": "",
            "started": False,
            "message": "",
            "before": "",
            "after": "",
        }

    def end(self, status: str, message: str = "") -> None:
        """Take note of how it went."""
        self.result.update(status=status, message=message)


def define(
    uri: str, orders: t.Sequence[Order], policy: Policy
) -> t.Tuple[t.List[Facts], t.List[str]]:
    """Define the domains, or say why not.

    One domain that must not be defined keeps all of them from being defined; one that libvirt
    refuses does not keep the others.

    :returns: for each domain ``name``, ``uuid``, ``status`` (``defined``, ``redefined``,
        ``unchanged``, ``refused``, ``failed``, ``skipped``), ``started``, ``message`` and the
        definitions ``before`` and ``after`` without secrets; and warnings.
    :raises LibvirtError: no connection, or the host does not tell what it has.
    """
    tasks = []
    for order in orders:
        try:
            tasks.append(_Task(order))
        except XmlError as error:
            raise LibvirtError("The XML of a domain cannot be used: {0}".format(error)) from error
    with connection(uri, writable=True) as conn:
        warnings = _missing(conn, tasks)
        for task in tasks:
            _look(conn, task, policy)
        refused = any(task.result["status"] == "refused" for task in tasks)
        for task in tasks:
            if task.result["status"]:
                continue
            if refused:
                task.end("skipped", "not defined, because another domain was refused")
            else:
                _define(conn, task, policy)
    return [task.result for task in tasks], warnings


def _missing(conn: t.Any, tasks: t.Sequence[_Task]) -> t.List[str]:
    """Networks and pools that the definitions name and the host has not got."""
    try:
        has = {
            "network": {network.name() for network in conn.listAllNetworks(0)},
            "storage pool": {pool.name() for pool in conn.listAllStoragePools(0)},
        }
    except libvirt.libvirtError:
        # A driver without networks or pools cannot tell.
        return []
    wanted: t.Dict[t.Tuple[str, str], t.List[str]] = {}
    for task in tasks:
        for kind, name in dict.fromkeys(task.needs):
            if name not in has[kind]:
                wanted.setdefault((kind, name), []).append(task.name)
    return [
        "The host has no {0} {1!r}, which {2} will need to start.".format(
            kind, name, ", ".join(names)
        )
        for (kind, name), names in sorted(wanted.items())
    ]


def _look(conn: t.Any, task: _Task, policy: Policy) -> None:
    """Find what the host has already, and refuse where the order would harm it."""
    if task.uuid is None:
        task.end("refused", "its XML has no usable UUID; libvirt would make a new one")
        return
    try:
        task.handle = _found(lambda: conn.lookupByUUIDString(task.uuid))
        named = _found(lambda: conn.lookupByName(task.name))
        if named is not None and named.UUIDString() != task.uuid:
            task.end(
                "refused",
                "the host has another domain of this name, {0}".format(named.UUIDString()),
            )
        elif task.handle is not None:
            _look_at(task, policy)
    except libvirt.libvirtError as error:
        raise LibvirtError(
            "The host does not tell whether it has domain {0}: {1}.".format(
                task.name, error_message(error)
            )
        ) from error


def _look_at(task: _Task, policy: Policy) -> None:
    """Refuse where the host has the domain already, unless it is what is ordered."""
    task.is_running = bool(task.handle.isActive())
    definition = _definition(task.handle) if task.handle.isPersistent() else ""
    task.is_there = definition != "" and _is_same(definition, task.order.xml)
    if task.is_running and not task.is_there:
        task.end("refused", "it is running on the host")
    elif not task.is_there and not policy.replace:
        task.end("refused", "it is defined on the host; option 'replace' defines it again")
    else:
        task.before = definition


def _is_same(one: str, other: str) -> bool:
    """Two texts say the same, but for white space and the order of attributes."""
    return canonicalize(one, strip_text=True) == canonicalize(other, strip_text=True)


def _found(look_up: t.Callable[[], t.Any]) -> t.Any:
    try:
        return look_up()
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
            return None
        raise


def _definition(handle: t.Any) -> str:
    return str(handle.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))


def _define(conn: t.Any, task: _Task, policy: Policy) -> None:
    after = task.order.xml
    status = "redefined" if task.handle is not None else "defined"
    if task.is_there:
        status, after = "unchanged", task.before
    try:
        if not policy.check_mode:
            handle = task.handle if task.is_there else conn.defineXML(task.order.xml)
            after = _definition(handle)
            if task.order.autostart != bool(handle.autostart()):
                handle.setAutostart(int(task.order.autostart))
            if task.handle is not None and after == task.before:
                status = "unchanged"
            if policy.start and not task.is_running:
                handle.create()
                task.result["started"] = True
        task.end(status)
    except libvirt.libvirtError as error:
        task.end("failed", error_message(error))
    task.result.update(before=redact(task.before)[0], after=redact(after)[0])
