# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Laying the rows of a VM over its archived XML: only where they differ is anything changed."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    RegenerationError,
    XmlError,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import (
    DOMAIN_FIELDS,
    FAMILIES,
    OTHER,
    Family,
    Field,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import Edits
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._walk import Report, Walk
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.domain import (
    DOMAIN_CHILDREN,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._xml import (
    decode,
    lxml_etree,
    parse,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.machine import made_uuid
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.stores import Store
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate import fields, tree
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.match import match
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.serialise import (
    parsed,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.sides import Sides

Values = t.Dict[str, t.Any]
Element = t.Any

_DEVICES = "devices"

#: The domain itself, declared as its devices are.
_DOMAIN = Family(
    name="domain",
    fact="",
    tag="domain",
    index_type="",
    identity=(),
    fields=DOMAIN_FIELDS,
    doc="what is said of a VM as a whole",
    children=DOMAIN_CHILDREN,
)
_TAGS = [family.tag for family in FAMILIES]


class Overlay:
    """Changes one text of a VM so that it says what the VM's rows say.

    :param kind: ``live`` or ``config``: which text it is.
    :param name: what messages call the VM.
    :ivar lines: what was done, in words.
    """

    def __init__(self, root: Element, kind: str, sides: Sides, name: str) -> None:
        self._root = root
        self._name = name
        self._kind = kind
        self._sides = sides
        self._elements = [
            element
            for devices in tree.children(root)
            if devices.tag == _DEVICES
            for element in tree.children(devices)
        ]
        self.lines: t.List[str] = []

    def machine(self, row: Values) -> None:
        """Lay the VM's own row over the domain."""
        said = self._sides.machine
        if row["domain_uuid"] == made_uuid(row["host_id"], said["name"]):
            # The XML has none that can be used; what the ledger made instead is not for libvirt.
            row = {**row, "domain_uuid": said["domain_uuid"]}
        self._lay("", _DOMAIN, self._root, said, row)

    def devices(self, store: Store, rows: t.Sequence[Values]) -> None:
        """Lay the rows of one family over its elements."""
        recorded = [device for device in self._sides.devices if device.store is store]
        matched = match(store, recorded, rows)
        for device, row in matched.pairs:
            if self._kind in device.ordinals:
                element = self._elements[device.ordinals[self._kind]]
                label = store.family.label(row)
                if store.family is OTHER and row["xml"] != device.values["xml"]:
                    self._replace(label, element, row["xml"])
                else:
                    self._lay(label, store.family, element, device.values, row)
        for device in matched.removed:
            if self._kind in device.ordinals:
                tree.remove(self._elements[device.ordinals[self._kind]])
                self.lines.append("{0} removed".format(store.family.label(device.values)))
        for row in matched.added:
            if row["in_" + self._kind] is not False:
                self._add(store, row)

    def _lay(
        self, label: str, family: Family, element: Element, before: Values, row: Values
    ) -> None:
        declared = family.fields
        old, new = self._said(before, declared), self._said(row, declared)
        changed = [
            field
            for field in declared
            if fields.is_in_xml(field)
            and fields.comparable(field, old.get(field.column_name))
            != fields.comparable(field, new.get(field.column_name))
        ]
        rest = self._unmapped(label, old.get("unmapped_json"), new.get("unmapped_json"))
        if not changed and not rest:
            return
        order = fields.child_order(family)
        told = [field for field in changed if field.derive is None]
        tree.edit(element, {**self._merged(label, told, declared, old, new), **rest}, order)
        computed = [field for field in changed if field.derive is not None]
        if computed:
            # Where the columns that it is computed from were changed as well, it agrees by now.
            wanting = _differing(computed, declared, element, new)
            tree.edit(element, self._merged(label, wanting, declared, old, new), order)
        self._verify(label, changed, declared, element, new)
        prefix = label + ": " if label else ""
        self.lines += [prefix + field.column_name for field in changed]
        self.lines += [prefix + "unmapped_json " + path for path in rest]

    def _said(self, values: Values, declared: t.Sequence[Field]) -> Values:
        """A row's columns as the text of this kind has them: a definition may differ."""
        other = values.get("config_values_json") or {}
        if self._kind != "config" or not isinstance(other, dict):
            return values
        result = dict(values)
        for field in declared:
            if field.name in other:
                result[field.column_name] = other[field.name]
        return result

    def _unmapped(self, label: str, old: t.Any, new: t.Any) -> Edits:
        """The edits of what no field holds."""
        try:
            edits = fields.unmapped_edits(old, new)
            tree.require_paths(edits)
        except ValueError as error:
            raise self._refused(label, "unmapped_json", new, str(error)) from None
        return edits

    def _merged(
        self,
        label: str,
        changed: t.Sequence[Field],
        declared: t.Sequence[Field],
        old: Values,
        new: Values,
    ) -> Edits:
        """The edits of some columns in one."""
        facts = {field.name: new.get(field.column_name) for field in declared}
        edits: Edits = {}
        sources: t.Dict[str, str] = {}
        for field in changed:
            column = field.column_name
            before = fields.comparable(field, old.get(column))
            after = fields.comparable(field, new.get(column))
            try:
                own = fields.edits_of(field, before, after, facts)
                tree.require_paths(own)
            except ValueError as error:
                raise self._refused(label, column, after, str(error)) from None
            for path, text in own.items():
                if edits.get(path, text) != text:
                    reason = "column {0} says something else".format(sources[path])
                    raise self._refused(label, column, after, reason)
                edits[path], sources[path] = text, column
        return edits

    def _verify(
        self,
        label: str,
        changed: t.Sequence[Field],
        declared: t.Sequence[Field],
        element: Element,
        new: Values,
    ) -> None:
        """Read again what was written: each changed column must come back."""
        for field in _differing(changed, declared, element, new):
            found = _read(declared, element)[field.name]
            reason = "the XML would say {0:.80}".format(repr(found))
            if field.derive is not None:
                reason += "; it is computed from other columns"
            value = new.get(field.column_name)
            raise self._refused(label, field.column_name, value, reason)

    def _refused(self, label: str, column: str, value: t.Any, reason: str) -> RegenerationError:
        return RegenerationError(
            "VM {0}{1}: column {2} is {3:.80}: {4}.".format(
                self._name, ", " + label if label else "", column, repr(value), reason
            ),
            "Correct the column in the ledger, or ask for the archived XML alone.",
        )

    def _add(self, store: Store, row: Values) -> None:
        """A device that only the rows have: behind those of its kind, else where libvirt has it."""
        family = store.family
        row = _completed(family.fields, row)
        devices = tree.find(self._root, [tree.Step(_DEVICES, 1)])
        if devices is None:
            devices = lxml_etree.Element(_DEVICES)
            tree.insert(self._root, devices, len(self._root))
        label = family.label(row)
        undeclared = family is OTHER
        element = self._parsed(label, row["xml"]) if undeclared else lxml_etree.Element(family.tag)
        tree.insert(devices, element, tree.position(devices, element.tag, _TAGS))
        before = len(self.lines)
        if not undeclared:
            self._lay(label, family, element, {}, row)
        self.lines[before:] = ["{0} added".format(label)]

    def _replace(self, label: str, element: Element, text: t.Optional[str]) -> None:
        """An element that no family declares is what its column says."""
        new = self._parsed(label, text)
        new.tail = element.tail
        element.getparent().replace(element, new)
        self.lines.append("{0}: xml".format(label))

    def _parsed(self, label: str, text: t.Optional[str]) -> Element:
        try:
            parse(text or "")
            return parsed(decode(text or ""))
        except XmlError as error:
            raise self._refused(label, "xml", text, str(error).rstrip(".")) from None


def _read(declared: t.Sequence[Field], element: Element) -> Values:
    """The facts of an element as it is now."""
    text = lxml_etree.tostring(element, encoding="unicode", with_tail=False)
    return Walk(declared, skip=(_DEVICES,)).read(parse(text), Report())


def _differing(
    wanted: t.Sequence[Field], declared: t.Sequence[Field], element: Element, row: Values
) -> t.List[Field]:
    """Those fields of an element that have another value than the row."""
    facts = _read(declared, element)
    return [
        field
        for field in wanted
        if not field.told
        and not fields.is_same(
            field,
            fields.comparable(field, row.get(field.column_name)),
            fields.comparable(field, facts[field.name]),
        )
    ]


def _completed(declared: t.Sequence[Field], row: Values) -> Values:
    """A row in which of two columns for one place, such as device_name and target_dev, both are."""
    told = {
        field.path: row[field.column_name]
        for field in declared
        if field.path and row.get(field.column_name) is not None
    }
    filled = {
        field.column_name: told[field.path]
        for field in declared
        if row.get(field.column_name) is None and field.path in told
    }
    return {**row, **filled}
