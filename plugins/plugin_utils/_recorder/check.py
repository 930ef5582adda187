# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts handed to the recorder: are they what the gathering modules return?"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    uuid_text,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import FactsError
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import MAPPING_VERSION
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    DOMAIN_FIELDS,
    FAMILIES,
    STATUS_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.hypervisor import (
    HYPERVISOR_FIELDS,
    NETWORK_FIELDS,
    POOL_FIELDS,
    VOLUME_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.snapshot import (
    SNAPSHOT_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plain import (
    plain_facts,
    wrong,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.shape import (
    Shape,
    are_texts,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import parse_moment

Facts = t.Dict[str, t.Any]

#: Pools are looked up by their name, which must therefore fit its column.
_NAME_LENGTH = 255

_HYPERVISOR = Shape(HYPERVISOR_FIELDS)
_NETWORK = Shape(NETWORK_FIELDS, ("name",))
_POOL = Shape(POOL_FIELDS, ("name",))
_VOLUME = Shape(VOLUME_FIELDS, ("name",))
_DOMAIN = Shape(DOMAIN_FIELDS + STATUS_FIELDS)
_SNAPSHOT = Shape(SNAPSHOT_FIELDS, ("name", "kind"))
_DEVICES = [(family.fact, Shape(family.fields)) for family in FAMILIES]


def checked(facts: t.Any, host_id: str) -> Facts:
    """A plain copy of the facts, after a check of their structure and every value's type.

    The copy has none of Ansible's own types in it, which database drivers do not know.

    :raises FactsError: names the host, the place in the facts and what is wrong there.
    """
    plain = plain_facts(facts, host_id)
    if not isinstance(plain, dict):
        raise wrong(host_id, "facts", "a {0}, not a dictionary".format(type(plain).__name__))
    if plain.get("failed"):
        raise wrong(host_id, "facts", "the result of a failed task: {0}".format(plain.get("msg")))
    _check_version(plain, host_id)
    _check_account(plain, host_id)
    for name in ("domains", "networks", "storage_pools"):
        if not isinstance(plain.setdefault(name, None), (list, type(None))):
            raise wrong(host_id, name, "not a list")
    if plain["domains"] is None and plain["networks"] is None and plain["storage_pools"] is None:
        raise wrong(host_id, "facts", "neither domains nor networks nor storage_pools")
    if plain.setdefault("hypervisor", None) is not None:
        _HYPERVISOR.check(host_id, "hypervisor", plain["hypervisor"])
    for number, network in enumerate(plain["networks"] or ()):
        _NETWORK.check(host_id, "networks[{0}]".format(number), network)
    for number, pool in enumerate(plain["storage_pools"] or ()):
        _check_pool(host_id, "storage_pools[{0}]".format(number), pool)
    _check_domains(host_id, plain["domains"] or (), is_history(plain))
    _check_known(host_id, plain)
    return plain


def _check_known(host_id: str, plain: Facts) -> None:
    """What an answer leaves out because the asker knows it."""
    if not isinstance(plain.setdefault("inventory_digest", None), (str, type(None))):
        raise wrong(host_id, "inventory_digest", "not a text")
    unchanged = plain.setdefault("unchanged", [])
    if not isinstance(unchanged, list) or not are_texts(unchanged):
        raise wrong(host_id, "unchanged", "not a list of texts")


def _check_account(plain: Facts, host_id: str) -> None:
    """What the module says of its own work."""
    for name, kind in (("errors", list), ("complete", list), ("seconds", dict)):
        if not isinstance(plain.setdefault(name, kind()), kind):
            raise wrong(host_id, name, "not a {0}".format(kind.__name__))
    if not are_texts(plain["complete"]):
        raise wrong(host_id, "complete", "not a list of texts")
    try:
        told_moment(plain)
    except (TypeError, ValueError):
        raise wrong(host_id, "asked_at", "not a timestamp") from None
    for number, error in enumerate(plain["errors"]):
        place = "errors[{0}]".format(number)
        if not isinstance(error, dict):
            raise wrong(host_id, place, "not a dictionary")
        for name in ("object", "name", "uuid", "message"):
            if not isinstance(error.get(name), (str, type(None))):
                raise wrong(host_id, "{0}.{1}".format(place, name), "not a text")


def told_moment(facts: Facts) -> t.Optional[datetime.datetime]:
    """When the facts say that the host was asked for them; null where they do not."""
    text = facts.get("asked_at")
    return None if text is None else parse_moment(text)


def is_whole(facts: t.Mapping[str, t.Any]) -> bool:
    """Whether the facts have every domain of the host, so that what they lack does not exist."""
    failed = any(error.get("object") == "domain" for error in facts["errors"])
    return "domains" in facts["complete"] and not failed


def is_history(facts: Facts) -> bool:
    """Whether these are facts of archived documents, each with its date."""
    counts = facts.get("counts")
    return isinstance(counts, dict) and "documents" in counts


def _check_version(plain: Facts, host_id: str) -> None:
    version = plain.get("mapping_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise wrong(host_id, "mapping_version", "missing, so these are not the facts of a module")
    if version > MAPPING_VERSION:
        raise FactsError(
            "Host {0}: the facts have mapping version {1}, newer than {2}, which this controller's "
            "collection knows.".format(host_id, version, MAPPING_VERSION),
            "Upgrade the collection virtledger.libvirt on this controller.",
        )
    if version < MAPPING_VERSION:
        raise FactsError(
            "Host {0}: the facts have mapping version {1}, older than {2}, and lack what this "
            "controller's collection records.".format(host_id, version, MAPPING_VERSION),
            "Gather them anew with the collection virtledger.libvirt of this controller.",
        )


def _check_pool(host_id: str, place: str, pool: t.Any) -> None:
    _POOL.check(host_id, place, pool)
    if len(pool["name"]) > _NAME_LENGTH:
        raise wrong(host_id, place + ".name", "longer than {0}".format(_NAME_LENGTH))
    volumes = pool.setdefault("volumes", None)
    if not isinstance(volumes, (list, type(None))):
        raise wrong(host_id, place + ".volumes", "not a list")
    for number, volume in enumerate(volumes or ()):
        _VOLUME.check(host_id, "{0}.volumes[{1}]".format(place, number), volume)


def _check_domains(host_id: str, domains: t.Sequence[t.Any], archived: bool) -> None:
    seen: t.Set[t.Tuple[str, str]] = set()
    for number, domain in enumerate(domains):
        place = "domains[{0}]".format(number)
        _DOMAIN.check(host_id, place, domain)
        for name in ("xml", "xml_config"):
            if not isinstance(domain.get(name), (str, type(None))):
                raise wrong(host_id, "{0}.{1}".format(place, name), "no text")
        _check_snapshots(host_id, place, domain)
        for fact, shape in _DEVICES:
            devices = domain.setdefault(fact, None)
            if not isinstance(devices, (list, type(None))):
                raise wrong(host_id, "{0}.{1}".format(place, fact), "not a list")
            for index, device in enumerate(devices or ()):
                shape.check(host_id, "{0}.{1}[{2}]".format(place, fact, index), device)
        if archived:
            _check_archived(host_id, place, domain)
            continue
        kind, key = _identity(domain)
        if (kind, key) in seen:
            raise wrong(host_id, place, "{0} {1} is there twice".format(kind, key))
        seen.add((kind, key))


def _identity(domain: Facts) -> t.Tuple[str, str]:
    """What a VM is recorded under: its UUID however it is written, else its name."""
    key = uuid_text(domain["uuid"] or "")
    return ("name", str(domain["name"])) if key is INVALID else ("UUID", str(key))


def checked_shared_paths(paths: t.Iterable[str]) -> t.List[str]:
    """Directories that mean the same on every host.

    :raises FactsError: one is relative, which would match no path of any volume.
    """
    found = list(paths)
    for path in found:
        if not path.startswith("/"):
            raise FactsError(
                "Option 'shared_paths' has {0!r:.80}, which is not an absolute path.".format(path),
                "Name the directory as the hypervisors have it, for example /srv/vmstore.",
            )
    return found


def _check_archived(host_id: str, place: str, domain: Facts) -> None:
    """An archived document has its text, its date and where it comes from."""
    archived = domain.get("archived")
    if not isinstance(archived, dict) or not isinstance(archived.get("path"), str):
        raise wrong(host_id, place + ".archived", "no dictionary with the path of a file")
    try:
        parse_moment(str(archived.get("dated_at")))
    except ValueError as error:
        raise wrong(host_id, place + ".archived.dated_at", str(error)) from error
    if not isinstance(domain.get("xml"), str):
        raise wrong(host_id, place + ".xml", "missing; gather with include_xml=true")


def _check_snapshots(host_id: str, place: str, domain: Facts) -> None:
    snapshots = domain.setdefault("snapshots", None)
    if not isinstance(snapshots, (list, type(None))):
        raise wrong(host_id, place + ".snapshots", "not a list")
    for number, snapshot in enumerate(snapshots or ()):
        _SNAPSHOT.check(host_id, "{0}.snapshots[{1}]".format(place, number), snapshot)


def checked_host_id(host_id: t.Any) -> str:
    """The host's name in the ledger.

    :raises FactsError: empty, too long, or with control characters.
    """
    text = str(host_id or "")
    if not text.strip() or len(text) > 255 or not text.isprintable():
        raise FactsError(
            "{0!r:.80} is no name for a host.".format(text),
            "Option 'host_id' takes 1 to 255 printable characters; its default is "
            "inventory_hostname.",
        )
    return text
