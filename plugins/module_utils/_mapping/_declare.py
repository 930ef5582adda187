# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a declaration is made of: fields, and families of fields.

A :class:`Family` says which element it reads (``disk``) and lists its fields; a :class:`Field`
says where in that element its value stands, as a small path:

    ``@type``            an attribute of the element
    ``driver/@queues``   an attribute of a child
    ``serial``           the text of a child
    ``.``                the text of the element itself

The same declarations fill the facts, make the columns of the tables, and document both.
"""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    TEXT,
    UNSIGNED,
    Converter,
)

#: A device's facts, or a dictionary that has them.
Device = t.TypeVar("Device", bound=t.Dict[str, t.Any])

#: What a shape calls to report content that is not part of its value, or does not convert.
Report = t.Any

#: Path to text below an element, as :func:`_walk.flatten` makes them; an element that is just
#: there has an empty text.
Content = t.Dict[str, str]

#: What to change below an element: path to the new text, null where it is to be removed.
Edits = t.Dict[str, t.Optional[str]]

#: Computes a value from the facts read so far: ``derive(facts, report)``.
Derivation = t.Callable[[t.Dict[str, t.Any], Report], t.Any]

#: The way back of a derivation: ``place(value, facts)``, with the facts as they shall be.
Placement = t.Callable[[t.Any, t.Dict[str, t.Any]], Edits]


class Shape(t.NamedTuple):
    """How a whole element becomes one value, and the value its content again.

    :ivar read: ``read(element, path, report)``; reports what is not part of the value.
    :ivar write: the content that the value stands for. Raises ValueError, with what libvirt
        would not take, for a value that cannot be written. Null for what is only read.
    :ivar whole: the parts of the content belong together: a number and its unit.
    """

    read: t.Callable[[t.Any, str, Report], t.Any]
    write: t.Optional[t.Callable[[t.Any], Content]] = None
    whole: bool = False


class Field(t.NamedTuple):
    """One value of a device or a domain.

    :ivar name: the key in the facts; also the column's name (JSON columns add ``_json``).
    :ivar path: where the value stands in the element; empty for a derived value.
    :ivar doc: what it means, in one phrase.
    :ivar type: ``str``, ``int``, ``bool``, ``list`` or ``dict``.
    :ivar converter: for values that stand in one attribute or text.
    :ivar presence: the value is whether the element is there, whatever it holds.
    :ivar shape: reads a whole element into one value.
    :ivar repeated: the element may stand there several times; the value is the list of all.
    :ivar derive: computes the value from others.
    :ivar default: the value where the XML says nothing.
    :ivar runtime: known only while the domain runs, so its absence from the persistent
        definition is no difference.
    :ivar moving: changes by itself; recorded, but not a change of the domain.
    :ivar moving_when: tells of a value whether it is one that changes by itself, where only some
        are: the path of a pseudo-terminal, not that of a socket.
    :ivar column: the column's name where it is not the fact's.
    :ivar choices: the texts that libvirt takes. Reading takes any; they are checked where a
        changed value is to be written.
    :ivar maximum: the greatest number that libvirt takes, likewise.
    :ivar place: the way back of ``derive``, where there is one.
    :ivar told: not only from the XML: addresses come from leases, too.
    :ivar unit: of a number, for the documentation.
    :ivar where: of a derived value, where in the XML it stands, for the documentation.
    :ivar comparable: what of a value counts where the live one is compared with the persistent
        one; by default all of it.
    """

    name: str
    path: str
    doc: str
    type: str = "str"
    converter: t.Optional[Converter] = None
    presence: bool = False
    shape: t.Optional[Shape] = None
    repeated: bool = False
    derive: t.Optional[Derivation] = None
    default: t.Any = None
    runtime: bool = False
    moving: bool = False
    moving_when: t.Optional[t.Callable[[t.Any], bool]] = None
    column: str = ""
    choices: t.Tuple[str, ...] = ()
    maximum: t.Optional[int] = None
    place: t.Optional[Placement] = None
    told: bool = False
    unit: str = ""
    where: str = ""
    comparable: t.Optional[t.Callable[[t.Any], t.Any]] = None

    @property
    def column_name(self) -> str:
        """The column that holds this value."""
        if self.column:
            return self.column
        return self.name + "_json" if self.type in ("list", "dict") else self.name


def value(
    name: str, path: str, doc: str, to: Converter = TEXT, default: t.Any = None, **more: t.Any
) -> Field:
    """A field that holds the text of one attribute or element, converted."""
    return Field(name, path, doc, type=to.type, converter=to, default=default, **more)


def present(name: str, path: str, doc: str) -> Field:
    """A field that says whether an element is there: libvirt ignores what it contains."""
    return Field(name, path, doc, type="bool", presence=True, default=False)


def shaped(
    name: str, path: str, doc: str, shape: Shape, type: str = "dict", **more: t.Any
) -> Field:
    """A field that holds a whole element, read by ``shape``."""
    default: t.Any = [] if type == "list" else None
    return Field(name, path, doc, type=type, shape=shape, default=default, **more)


def repeated(name: str, path: str, doc: str, shape: Shape, **more: t.Any) -> Field:
    """A field that holds the list of all elements of one name, each read by ``shape``."""
    return Field(name, path, doc, type="list", shape=shape, repeated=True, default=[], **more)


def derived(
    name: str,
    doc: str,
    derive: Derivation,
    type: str = "str",
    place: t.Optional[Placement] = None,
    **more: t.Any,
) -> Field:
    """A field computed from the other values of the same device.

    :param place: the way back, where a changed value can be written into the XML.
    """
    return Field(name, "", doc, type=type, derive=derive, place=place, **more)


class Family(t.NamedTuple):
    """One kind of device.

    :ivar name: what messages call it (``disk``).
    :ivar fact: the list in a domain's facts (``volume_attachments``).
    :ivar tag: the element below ``<devices>``; empty for those that no other family reads.
    :ivar index_type: ``device_type`` of its rows in ``attachment_indices``.
    :ivar identity: the fields that tell one device of a domain from another; where two have the
        same values, their order does.
    :ivar fields: the declaration.
    :ivar doc: what it is, in one phrase.
    :ivar children: the names of its child elements in libvirt's order, where the order of the
        declaration is another one; new elements are put there.
    :ivar split: the device has a table of its own, called like the list in the facts, and is
        attached to the VM by another one, called like ``index_type``; else one table has both.
    """

    name: str
    fact: str
    tag: str
    index_type: str
    identity: t.Tuple[str, ...]
    fields: t.Tuple[Field, ...]
    doc: str
    split: bool = False
    children: t.Tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """The table whose keys are ``attachment_id`` in the index."""
        return self.index_type + "_attachments" if self.split else self.fact

    @property
    def link(self) -> str:
        """The column of an attachment with the key of the device, where there is one."""
        return self.index_type + "_id" if self.split else ""

    def field(self, name: str) -> Field:
        """The field with this name."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    def key(self, device: t.Mapping[str, t.Any]) -> t.Tuple[t.Any, ...]:
        """The values that identify a device, by its facts or its columns, in its domain."""
        return tuple(
            device[name] if name in device else device.get(self.field(name).column_name)
            for name in self.identity
        )

    def keyed(self, devices: t.Iterable[Device]) -> t.Dict[t.Tuple[t.Any, ...], Device]:
        """Devices by their key; those with one key (two NICs with one MAC) by their order, too."""
        counts: t.Dict[t.Tuple[t.Any, ...], int] = {}
        result = {}
        for device in devices:
            key = self.key(device)
            occurrence = counts[key] = counts.get(key, 0) + 1
            result[key + (occurrence,)] = device
        return result

    def label(self, device: t.Mapping[str, t.Any]) -> str:
        """What a message calls a device: ``disk vda``, ``controller pci 0``."""
        parts = [str(part) for part in self.key(device) if part is not None]
        return " ".join([self.name] + parts)


#: Of a domain and of each of its devices.
CONFIG_VALUES = Field(
    "config_values",
    "",
    "fields whose value in the persistent definition is another than the live one here, "
    "with that other value",
    type="dict",
)

#: Which side of a domain a device was read from, and what no other field holds. The builder of
#: the facts fills these, for every family.
PROVENANCE = (
    Field(
        "ordinal",
        "",
        "position among all devices of the domain, from 0 in document order",
        type="int",
        converter=UNSIGNED,
    ),
    Field("in_live", "", "the running domain has it", type="bool"),
    Field("in_config", "", "the persistent definition has it", type="bool"),
    CONFIG_VALUES,
    Field(
        "unmapped",
        "",
        "what no other field holds: path below the element to text, a repeated element counted "
        "as in C(host[2]/@name)",
        type="dict",
    ),
)
