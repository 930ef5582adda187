# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the domains of a hypervisor: few calls, and one bad domain never loses the others."""

from __future__ import annotations

import fnmatch
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._connection import (
    error_entry,
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
from ansible_collections.virtledger.libvirt.plugins.module_utils._plain import plain_text
from ansible_collections.virtledger.libvirt.plugins.module_utils._snapshots import (
    Owners,
    list_owners,
    read_snapshots,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._stable import source_digest
from ansible_collections.virtledger.libvirt.plugins.module_utils._status import (
    INACTIVE,
    STATES,
    AddressBook,
    Facts,
    Status,
)


class Selection(t.NamedTuple):
    """Which domains, and what of them.

    :ivar names: names or shell patterns; empty selects every name.
    :ivar uuids: UUIDs; empty selects every UUID.
    :ivar states: states, or ``active`` and ``inactive``; empty selects every state.
    :ivar families: names of device lists, null for all.
    :ivar include_xml: return the XML texts as well.
    :ivar redact: what to remove besides the secrets that always are, of :data:`_options.REMOVABLE`.
    :ivar snapshots: read the snapshots and checkpoints as well.
    :ivar known: the source digests that the asker has, by UUID: domains that still have them are
        not read further.
    """

    names: t.Sequence[str] = ()
    uuids: t.Sequence[str] = ()
    states: t.Sequence[str] = ()
    families: t.Optional[t.Iterable[str]] = None
    include_xml: bool = False
    redact: t.Container[str] = ()
    snapshots: bool = True
    known: t.Mapping[str, str] = {}

    @property
    def everything(self) -> bool:
        """No domain is filtered out, so what is not listed does not exist."""
        return not (self.names or self.uuids or self.states)


class Listed(t.NamedTuple):
    """A domain as the listing tells it, before its XML is read."""

    handle: t.Any
    name: str
    uuid: str
    active: bool
    status: Status


class Reading(t.NamedTuple):
    """The answer: facts, errors, and the asked names and UUIDs that no domain has.

    :ivar unchanged: the UUIDs of domains that are as they are known.
    """

    domains: t.List[Facts]
    errors: t.List[Facts]
    not_found: t.List[str]
    unchanged: t.List[str]


def list_domains(conn: t.Any) -> t.List[Listed]:
    """All domains, with one list call per state flag instead of several calls per domain.

    :raises LibvirtError: the listing fails.
    """
    try:
        handles = conn.listAllDomains(0)
        members = {
            name: {handle.UUIDString() for handle in conn.listAllDomains(flag)}
            for name, flag in (
                ("active", libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE),
                ("persistent", libvirt.VIR_CONNECT_LIST_DOMAINS_PERSISTENT),
                ("autostart", libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART),
                ("running", libvirt.VIR_CONNECT_LIST_DOMAINS_RUNNING),
                ("paused", libvirt.VIR_CONNECT_LIST_DOMAINS_PAUSED),
                ("shutoff", libvirt.VIR_CONNECT_LIST_DOMAINS_SHUTOFF),
            )
        }
    except libvirt.libvirtError as error:
        raise LibvirtError(
            "The domains of {0} cannot be listed: {1}.".format(conn.getURI(), error_message(error))
        ) from error
    listed = [_listed(handle, members) for handle in handles]
    return sorted(listed, key=lambda domain: (domain.name, domain.uuid))


def _listed(handle: t.Any, members: t.Dict[str, t.Set[str]]) -> Listed:
    uuid = handle.UUIDString()
    state = next((name for name in ("running", "paused", "shutoff") if uuid in members[name]), None)
    return Listed(
        handle=handle,
        name=handle.name(),
        uuid=uuid,
        active=uuid in members["active"],
        status=Status(state, uuid in members["persistent"], uuid in members["autostart"]),
    )


def read_domains(
    conn: t.Any,
    selection: Selection,
    addresses: AddressBook,
    take: t.Optional[t.Callable[[Facts], None]] = None,
) -> Reading:
    """The facts of the selected domains; what fails becomes an entry of ``errors``.

    :param take: gets the facts of each domain, which are not in the answer then.
    """
    listed = list_domains(conn)
    reading = Reading([], [], _not_found(listed, selection), [])
    take = take or reading.domains.append
    owners = _list_owners(conn, reading.errors) if selection.snapshots else None
    for domain in listed:
        if not _named(domain, selection):
            continue
        try:
            if domain.status.state is None:
                domain = _ask_state(domain)
            if _in_state(domain, selection):
                snapshots = _snapshots(domain, owners, selection, reading.errors)
                facts = _read(domain, selection, addresses, snapshots)
                if facts is None:
                    reading.unchanged.append(domain.uuid)
                else:
                    take(facts)
        except libvirt.libvirtError as error:
            reading.errors.append(_error(domain, error_message(error), error.get_error_code()))
        except XmlError as error:
            reading.errors.append(_error(domain, str(error), None))
    return reading


def _ask_state(domain: Listed) -> Listed:
    """The three common states are listed; the rare ones take a call."""
    number = domain.handle.state()[0]
    state = STATES[number] if number < len(STATES) else str(number)
    return domain._replace(active=state not in INACTIVE, status=domain.status._replace(state=state))


def _list_owners(conn: t.Any, errors: t.List[Facts]) -> t.Optional[Owners]:
    try:
        return list_owners(conn)
    except libvirt.libvirtError as error:
        message = "Domains with snapshots cannot be listed: {0}".format(error_message(error))
        errors.append(error_entry("snapshot", None, message, code=error.get_error_code()))
        return None


def _snapshots(
    domain: Listed, owners: t.Optional[Owners], selection: Selection, errors: t.List[Facts]
) -> t.Optional[t.List[Facts]]:
    """The domain's snapshots; null where they are not known, so that none is taken for gone."""
    if owners is None:
        return None
    try:
        return read_snapshots(domain.handle, owners, selection.redact)
    except libvirt.libvirtError as error:
        code, message = error.get_error_code(), error_message(error)
    except XmlError as error:
        code, message = None, str(error)
    # That the domain itself is gone will be told when it is read.
    if code != libvirt.VIR_ERR_NO_DOMAIN:
        text = "Snapshots of domain {0} ({1}) cannot be read: {2}"
        text = text.format(domain.name, domain.uuid, message)
        errors.append(error_entry("snapshot", domain.name, text, domain.uuid, code))
    return None


def _read(
    domain: Listed,
    selection: Selection,
    addresses: AddressBook,
    snapshots: t.Optional[t.List[Facts]],
) -> t.Optional[Facts]:
    """The facts of one domain; null if it is as it is known."""
    live = domain.handle.XMLDesc(0) if domain.active else None
    config = None
    if domain.status.persistent or not domain.active:
        config = domain.handle.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    plain_live, plain_config = (
        None if text is None else plain_text(text, selection.redact) for text in (live, config)
    )
    texts = [plain and plain.text for plain in (plain_live, plain_config)]
    source = source_digest(texts, domain.status, addresses, snapshots)
    if source == selection.known.get(domain.uuid):
        return None
    # Where nothing has changed, the mapping of domains is not even imported.
    from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts

    facts = domain_facts(
        plain_live,
        plain_config,
        status=domain.status,
        families=selection.families,
        addresses=addresses,
        include_xml=selection.include_xml,
        redact=selection.redact,
        snapshots=snapshots,
    )
    if domain.active and facts["domain_id"] is None:
        # It stopped between listing and reading, so libvirt gave the definition for the live XML.
        stopped = _ask_state(domain)
        if not stopped.active:
            return _read(stopped, selection, addresses, snapshots)
    facts["source_digest"] = source
    return facts


def _error(domain: Listed, message: str, code: t.Optional[int]) -> Facts:
    vanished = code == libvirt.VIR_ERR_NO_DOMAIN
    message_text = "Domain {0} ({1}) {2}: {3}".format(
        domain.name,
        domain.uuid,
        "was there when listed and is gone" if vanished else "cannot be read",
        message,
    )
    return error_entry("domain", domain.name, message_text, domain.uuid, code, vanished)


def _normal_uuid(text: str) -> str:
    uuid = uuid_text(text)
    return text if uuid is INVALID else uuid


def _named(domain: Listed, selection: Selection) -> bool:
    if not selection.names and not selection.uuids:
        return True
    if domain.uuid in (_normal_uuid(text) for text in selection.uuids):
        return True
    return any(_matches(domain, pattern) for pattern in selection.names)


def _matches(domain: Listed, pattern: str) -> bool:
    """A name is taken literally first: libvirt allows ``*`` and ``[`` in names."""
    return domain.name == pattern or fnmatch.fnmatchcase(domain.name, pattern)


def _in_state(domain: Listed, selection: Selection) -> bool:
    if not selection.states or domain.status.state in selection.states:
        return True
    return ("active" if domain.active else "inactive") in selection.states


def _not_found(listed: t.Sequence[Listed], selection: Selection) -> t.List[str]:
    uuids = {domain.uuid for domain in listed}
    missing = [uuid for uuid in selection.uuids if _normal_uuid(uuid) not in uuids]
    return missing + [
        pattern
        for pattern in selection.names
        if not any(_matches(domain, pattern) for domain in listed)
    ]
