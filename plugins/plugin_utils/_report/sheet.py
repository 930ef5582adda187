# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a column and a sheet of the report are."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report import texts

Shape = t.Callable[[t.Any], t.Any]

TEXT, NUMBER, BYTES, FLAG, TIME = "text", "number", "bytes", "flag", "time"


class Column(t.NamedTuple):
    """A column.

    :ivar name: its name in JSON and CSV, the fact's or the ledger's own.
    :ivar label: what people read above it.
    :ivar kind: ``text``, ``number``, ``bytes``, ``flag`` or ``time``.
    :ivar source: the column of the query, if it has another name; empty for what is computed.
    :ivar shape: makes a cell of a value of the database.
    :ivar facet: the page offers its values to choose from.
    :ivar brief: the page shows it unless asked for all columns.
    """

    name: str
    label: str
    kind: str = TEXT
    source: t.Optional[str] = None
    shape: t.Optional[Shape] = None
    facet: bool = False
    brief: bool = False

    @property
    def key(self) -> str:
        """The column of the query; empty for what is computed."""
        return self.name if self.source is None else self.source


class Sheet(t.NamedTuple):
    """A sheet.

    :ivar name: its name in the workbook, and that of its CSV file.
    :ivar slug: its address in the page.
    :ivar title: its heading.
    :ivar subject: what the ledger is asked for, a key of ``SUBJECTS``; else its rows come from
        elsewhere.
    :ivar of_vm: each row belongs to one VM, and has ``vm_name``, ``host_id``, ``vm_state`` and
        ``vm_uuid``.
    :ivar only: values of a column that the rows have.
    """

    name: str
    slug: str
    title: str
    subject: t.Optional[str]
    columns: t.Tuple[Column, ...]
    of_vm: bool = False
    only: t.Optional[t.Tuple[str, t.Tuple[str, ...]]] = None

    def place(self, name: str) -> int:
        """The place of a column."""
        return next(number for number, one in enumerate(self.columns) if one.name == name)


def text(name: str, label: str, **more: t.Any) -> Column:
    """A text."""
    return Column(name, label, TEXT, **more)


def shaped(name: str, label: str, shape: Shape = texts.flat, **more: t.Any) -> Column:
    """A text made of a JSON column of the ledger."""
    return Column(name, label, TEXT, name + "_json", shape, **more)


def number(name: str, label: str, **more: t.Any) -> Column:
    """A number."""
    return Column(name, label, NUMBER, **more)


def size(name: str, label: str, **more: t.Any) -> Column:
    """A number of bytes."""
    return Column(name, label, BYTES, **more)


def flag(name: str, label: str, **more: t.Any) -> Column:
    """True, false or nothing."""
    return Column(name, label, FLAG, **more)


def when(name: str, label: str, **more: t.Any) -> Column:
    """A time."""
    return Column(name, label, TIME, **{"shape": texts.moment, **more})


def computed(make: t.Callable[..., Column], name: str, label: str, **more: t.Any) -> Column:
    """A column that no query gives."""
    return make(name, label, source="", **more)


def of_vm(*columns: Column) -> t.Tuple[Column, ...]:
    """The columns of a device's sheet: the VM before, its UUID behind."""
    return (
        text("vm_name", "VM", brief=True),
        text("host_id", "Host", facet=True, brief=True),
        text("vm_state", "State", facet=True),
        *columns,
        text("vm_uuid", "VM UUID"),
    )


def device(*columns: Column) -> t.Tuple[Column, ...]:
    """The same, with what every device has."""
    return of_vm(
        *columns,
        flag("in_live", "In live"),
        flag("in_config", "In config"),
        shaped("config_values", "Persistent definition"),
    )
