# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a hypervisor: its identity, its networks, its storage pools and their volumes."""

from __future__ import annotations

import contextlib
import datetime
import time
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils import _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._addresses import (
    add_leases,
    add_told_addresses,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._connection import (
    connection,
    error_entry,
    error_message,
    is_unsupported,
    libvirt,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._domains import (
    Selection,
    read_domains,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    LibvirtError,
    VirtledgerError,
    XmlError,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._inventory import (
    inventory_digest,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import MAPPING_VERSION
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._walk import Report, Walk
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.hypervisor import (
    HYPERVISOR_FIELDS,
    NETWORK_FIELDS,
    POOL_FIELDS,
    VOLUME_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._plain import redact

Facts = t.Dict[str, t.Any]

#: What can be gathered; ``hypervisor`` always is.
SUBSETS = (
    "hypervisor",
    "domains",
    "networks",
    "storage_pools",
    "volumes",
    "leases",
    "snapshots",
)

_NETWORK_WALK = Walk(NETWORK_FIELDS)
_POOL_WALK = Walk(POOL_FIELDS)
_VOLUME_WALK = Walk(VOLUME_FIELDS)


class Request(t.NamedTuple):
    """What to gather from where.

    :ivar subset: names of :data:`SUBSETS`; ``all``, and ``!name`` to leave one out.
    :ivar selection: which domains, and what of them.
    :ivar address_sources: ``agent`` and ``arp``, asked of each running domain.
    :ivar address_seconds: how long these may take together.
    :ivar known_inventory: the digest that the asker has of all that is not domains: while it is the
        same, that is not returned.
    :ivar take: gets the facts of each domain, which are not in the answer then.
    """

    uri: str
    subset: t.Sequence[str] = ("all",)
    selection: Selection = Selection()
    address_sources: t.Sequence[str] = ()
    address_seconds: float = 10.0
    known_inventory: str = ""
    take: t.Optional[t.Callable[[Facts], None]] = None


def wanted(subset: t.Sequence[str]) -> t.Set[str]:
    """The names that a ``gather_subset`` stands for.

    :raises VirtledgerError: a name that is none.
    """
    plain = [name for name in subset if not name.startswith("!")]
    excluded = {name[1:] for name in subset if name.startswith("!")}
    for name in set(plain) | excluded:
        if name != "all" and name not in SUBSETS:
            raise VirtledgerError(
                "Option 'gather_subset' has {0!r}, which is none of: all, {1}.".format(
                    name, ", ".join(SUBSETS)
                ),
                "Put '!' before a name to leave it out.",
            )
    names = set(SUBSETS) if not plain or "all" in plain else set(plain)
    if "snapshots" in names:
        names.add("domains")
    names -= set(SUBSETS) if "all" in excluded else excluded
    if "volumes" in names:
        names.add("storage_pools")
    if "domains" not in names:
        names.discard("snapshots")
    return names | {"hypervisor"}


def gather(request: Request) -> Facts:
    """Everything asked for, in one connection.

    :returns: ``hypervisor``, ``domains``, ``networks``, ``storage_pools`` (null where not
        asked), ``errors``, ``not_found``, ``unchanged`` (the UUIDs of domains that are as they are
        known), ``inventory_digest``, ``complete`` (which of them are whole listings),
        ``mapping_version``, ``asked_at`` (UTC, by the hypervisor's clock) and ``seconds`` by
        stage.
    :raises LibvirtError: no connection, or the domains cannot be listed.
    """
    names = wanted(request.subset)
    stages: t.Dict[str, float] = {}
    result: Facts = {
        "hypervisor": None,
        "domains": None,
        "networks": None,
        "storage_pools": None,
        "errors": [],
        "not_found": [],
        "unchanged": [],
        "inventory_digest": None,
        "complete": [],
        "mapping_version": MAPPING_VERSION,
        "asked_at": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        "seconds": stages,
    }
    started = time.monotonic()
    with connection(request.uri) as conn:
        stages["connect"] = round(time.monotonic() - started, 4)
        _fill(result, conn, request, names)
    return result


def _fill(result: Facts, conn: t.Any, request: Request, names: t.Container[str]) -> None:
    stages, errors = result["seconds"], result["errors"]
    selection = request.selection._replace(snapshots="snapshots" in names)
    also = selection.redact
    with _stage(stages, "hypervisor"):
        result["hypervisor"] = _hypervisor(conn)
    if "networks" in names:
        with _stage(stages, "networks"):
            _listing(result, "networks", lambda: _networks(conn, also, errors))
    if "storage_pools" in names:
        with _stage(stages, "storage_pools"):
            volumes = "volumes" in names
            _listing(result, "storage_pools", lambda: _pools(conn, volumes, also, errors))
    result["inventory_digest"] = inventory_digest(result)
    if result["inventory_digest"] and result["inventory_digest"] == request.known_inventory:
        result.update(hypervisor=None, networks=None, storage_pools=None)
    if "domains" not in names:
        return
    with _stage(stages, "addresses"):
        book = _addresses(conn, request, "leases" in names, errors)
    with _stage(stages, "domains"):
        reading = read_domains(conn, selection, book, request.take)
    result["domains"] = reading.domains
    result["not_found"] = reading.not_found
    result["unchanged"] = reading.unchanged
    errors.extend(reading.errors)
    if selection.everything:
        result["complete"].append("domains")


@contextlib.contextmanager
def _stage(stages: t.Dict[str, float], name: str) -> t.Iterator[None]:
    started = time.monotonic()
    yield
    stages[name] = round(time.monotonic() - started, 4)


def _listing(result: Facts, name: str, read: t.Callable[[], t.List[Facts]]) -> None:
    """A listing that fails is null and an error; the other answers are still good.

    One that lacks what could not be read is not complete: nothing may be taken for gone.
    """
    errors_before = len(result["errors"])
    try:
        result[name] = read()
        if len(result["errors"]) == errors_before:
            result["complete"].append(name)
    except libvirt.libvirtError as error:
        if not is_unsupported(error):
            what = name.replace("_", " ")
            result["errors"].append(
                _entry(name, None, "The {0} cannot be listed".format(what), error)
            )


def _addresses(
    conn: t.Any, request: Request, leases: bool, errors: t.List[Facts]
) -> t.Dict[str, t.List[Facts]]:
    book: t.Dict[str, t.List[Facts]] = {}
    try:
        if leases:
            add_leases(conn, book, errors)
        if request.address_sources:
            add_told_addresses(
                request.uri, request.address_sources, request.address_seconds, book, errors
            )
    except libvirt.libvirtError as error:
        if not is_unsupported(error):
            errors.append(_entry("addresses", None, "Addresses cannot be read", error))
    return book


def _hypervisor(conn: t.Any) -> Facts:
    facts: Facts = {field.name: None for field in HYPERVISOR_FIELDS}
    try:
        facts["hostname"] = conn.getHostname()
        facts["uri"] = conn.getURI()
        facts["type"] = conn.getType()
        facts["libvirt_version"] = _version(conn.getLibVersion())
        facts["hypervisor_version"] = _version(conn.getVersion())
        info = conn.getInfo()
    except libvirt.libvirtError as error:
        raise LibvirtError(
            "The hypervisor does not tell its identity: {0}.".format(error_message(error))
        ) from error
    facts["arch"] = info[0]
    facts["memory_bytes"] = info[1] * 1024 * 1024
    facts["cpu_count"] = info[2]
    facts["cpu_topology"] = dict(zip(("nodes", "sockets", "cores", "threads"), info[4:8]))
    _add_capabilities(conn, facts)
    return facts


def _add_capabilities(conn: t.Any, facts: Facts) -> None:
    """What only the capabilities tell; some drivers have none."""
    with contextlib.suppress(libvirt.libvirtError, XmlError):
        host = _xml.parse(conn.getCapabilities(), "stdlib").find("host")
        if host is not None:
            facts["host_uuid"] = host.findtext("uuid")
            facts["arch"] = host.findtext("cpu/arch") or facts["arch"]
            facts["cpu_model"] = host.findtext("cpu/model")
            facts["cpu_vendor"] = host.findtext("cpu/vendor")


def _version(number: int) -> str:
    """libvirt's 9002003 is 9.2.3."""
    return "{0}.{1}.{2}".format(number // 1000000, number // 1000 % 1000, number % 1000)


def _read(walk: Walk, text: str, also: t.Container[str]) -> Facts:
    report = Report()
    plain, _redacted = redact(_xml.decode(text), also)
    facts = walk.read(_xml.parse_text(plain, "stdlib"), report)
    facts["unmapped"] = report.unmapped
    return facts


def _lifecycle(list_all: t.Callable[[int], t.Any], kind: str) -> t.Callable[[t.Any], Facts]:
    """Tells of one network or pool whether it is active, persistent, autostarted."""
    members = {
        name: {
            item.UUIDString()
            for item in list_all(
                getattr(libvirt, "VIR_CONNECT_LIST_{0}_{1}".format(kind, name.upper()))
            )
        }
        for name in ("active", "persistent", "autostart")
    }
    return lambda item: {name: item.UUIDString() in uuids for name, uuids in members.items()}


def _networks(conn: t.Any, also: t.Container[str], errors: t.List[Facts]) -> t.List[Facts]:
    lifecycle = _lifecycle(conn.listAllNetworks, "NETWORKS")
    found = []
    for network in conn.listAllNetworks(0):
        try:
            facts = _read(_NETWORK_WALK, network.XMLDesc(0), also)
        except (libvirt.libvirtError, XmlError) as error:
            errors.append(_entry("network", network.name(), "Network cannot be read", error))
            continue
        facts.update(lifecycle(network))
        found.append(facts)
    return sorted(found, key=lambda facts: str(facts["name"]))


def _pools(
    conn: t.Any, volumes: bool, also: t.Container[str], errors: t.List[Facts]
) -> t.List[Facts]:
    lifecycle = _lifecycle(conn.listAllStoragePools, "STORAGE_POOLS")
    found = []
    for pool in conn.listAllStoragePools(0):
        try:
            facts = _read(_POOL_WALK, pool.XMLDesc(0), also)
            facts.update(lifecycle(pool))
            facts["volumes"] = None
            if volumes and facts["active"]:
                facts["volumes"] = _volumes(pool, also, errors)
        except (libvirt.libvirtError, XmlError) as error:
            errors.append(_entry("storage_pool", pool.name(), "Storage pool cannot be read", error))
            continue
        found.append(facts)
    return sorted(found, key=lambda facts: str(facts["name"]))


def _volumes(
    pool: t.Any, also: t.Container[str], errors: t.List[Facts]
) -> t.Optional[t.List[Facts]]:
    """The volumes of an active pool; null if one of them cannot be read."""
    found = []
    failed = False
    for volume in pool.listAllVolumes(0):
        try:
            facts = _read(_VOLUME_WALK, volume.XMLDesc(0), also)
            del facts["unmapped"]
            found.append(facts)
        except (libvirt.libvirtError, XmlError) as error:
            if not _is_vanished_volume(error):
                what = "Volume of pool {0} cannot be read".format(pool.name())
                errors.append(_entry("volume", volume.name(), what, error))
                failed = True
    return None if failed else sorted(found, key=lambda facts: str(facts["name"]))


def _is_vanished_volume(error: Exception) -> bool:
    """Removed between listing and reading: it is gone, as if it had never been listed."""
    return (
        isinstance(error, libvirt.libvirtError)
        and error.get_error_code() == libvirt.VIR_ERR_NO_STORAGE_VOL
    )


def _entry(kind: str, name: t.Optional[str], what: str, error: t.Any) -> Facts:
    code = error.get_error_code() if isinstance(error, libvirt.libvirtError) else None
    subject = "{0} ({1})".format(what, name) if name else what
    message = "{0}: {1}".format(subject, error_message(error))
    return error_entry(kind, name, message, code=code)
