# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One archived document to the facts of its domain, by what its root element is."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils import _slices, _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._archive_dates import from_seconds
from ansible_collections.virtledger.libvirt.plugins.module_utils._display import shown
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import XmlError
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import (
    Facts,
    Status,
    domain_facts,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.domain import STATES
from ansible_collections.virtledger.libvirt.plugins.module_utils._snapshots import snapshot_facts

#: Root elements that hold a domain, and what kind of snapshot they are. Of a backup, network, pool,
#: ... nothing is read.
ROOTS: t.Dict[str, t.Optional[str]] = {
    "domain": None,
    "domstatus": None,
    "domainsnapshot": "snapshot",
    "domaincheckpoint": "checkpoint",
}

_ACCEPTED = "<domain>, <domstatus>, <domainsnapshot> and <domaincheckpoint>"


class Wanted(t.NamedTuple):
    """What to return of each domain: see :func:`_facts.domain_facts`."""

    families: t.Optional[t.Iterable[str]] = None
    include_xml: bool = True
    redact: t.Container[str] = ()


class Reading(t.NamedTuple):
    """A document, read.

    :ivar created: when a snapshot or checkpoint was made, which is what its domain was then.
    """

    root: str
    facts: Facts
    created: t.Optional[datetime.datetime] = None


class _Sides(t.NamedTuple):
    """A domain's texts as :func:`_facts.domain_facts` takes them."""

    live: t.Optional[str]
    config: t.Optional[str]
    status: Status = Status()


def read_document(data: bytes, wanted: Wanted) -> Reading:
    """The facts of the domain that a document holds.

    :raises XmlError: the document is refused.
    """
    text = _xml.decode(data)
    root = _slices.root(text)
    tag = root.tag
    if tag not in ROOTS or "xmlns" in root.attributes:
        space = root.attributes.get("xmlns")
        named = "<{0}>".format(tag) if space is None else "<{0} xmlns='{1}'>".format(tag, space)
        raise XmlError("The root element is {0}; read are {1}.".format(shown(named, 80), _ACCEPTED))
    if tag == "domain":
        live = "id" in root.attributes
        sides = _Sides(text if live else None, None if live else text)
        return Reading(tag, _facts(sides, wanted))
    outer = _slices.outer(text)
    kind = ROOTS[tag]
    if kind is None:
        return Reading(tag, _facts(_status(outer), wanted))
    active = {"0": False, "1": True}.get(outer.texts.get("active", ""))
    snapshots = [snapshot_facts(text, kind, active, wanted.redact)]
    created = from_seconds(outer.texts.get("creationTime"))
    return Reading(tag, _facts(_snapshot(outer), wanted, snapshots), created)


def _facts(sides: _Sides, wanted: Wanted, snapshots: t.Optional[t.List[Facts]] = None) -> Facts:
    return domain_facts(
        sides.live,
        sides.config,
        sides.status,
        families=wanted.families,
        include_xml=wanted.include_xml,
        redact=wanted.redact,
        snapshots=snapshots,
    )


def _status(outer: _slices.Outer) -> _Sides:
    """A file of /run/libvirt: what libvirt's daemon keeps of a running domain."""
    state = outer.root.attributes.get("state")
    return _Sides(_only(outer, "domain"), None, Status(state=state if state in STATES else None))


def _snapshot(outer: _slices.Outer) -> _Sides:
    """A snapshot or checkpoint: the domain as it was, and as it was defined if that is there."""
    domain = _only(outer, "domain")
    if outer.domains["inactiveDomain"]:
        return _Sides(domain, _only(outer, "inactiveDomain"))
    return _Sides(None, domain)


def _only(outer: _slices.Outer, tag: str) -> str:
    """The one domain in an element, as long as it is more than a reference.

    :raises XmlError: there is none, or several, or only the UUID of one.
    """
    found = outer.domains[tag]
    if len(found) != 1:
        raise XmlError(
            "<{0}> holds {1} elements <{2}>, not one.".format(outer.root.tag, len(found), tag)
        )
    if "<name" not in found[0]:
        raise XmlError(
            "<{0}> only refers to its domain and does not hold its configuration.".format(
                outer.root.tag
            )
        )
    return found[0]
