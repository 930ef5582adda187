# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks whose row names a volume and not where it is: somebody attached it in the ledger."""

from __future__ import annotations

import typing as t
import urllib.parse

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    load,
    select_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import volumes

Values = t.Dict[str, t.Any]


def with_sources(connection: t.Any, rows: t.Sequence[Values]) -> t.List[Values]:
    """The rows of disks, with the source of the volume where they have only the volume."""
    wanting = {row["volume_id"] for row in rows if _lacks_source(row)}
    if not wanting:
        return list(rows)
    found = {row["id"]: row for row in load(connection, select_all(volumes), volumes.c.id, wanting)}
    return [
        {**row, **_source(row, found[row["volume_id"]])}
        if _lacks_source(row) and row["volume_id"] in found
        else row
        for row in rows
    ]


def _lacks_source(row: Values) -> bool:
    return row["volume_id"] is not None and not row["source_json"] and row["source_ref"] is None


def _source(row: Values, volume: Values) -> Values:
    """The columns of a disk that tell where its volume is, and its format if it has none."""
    kind, source = _place(volume)
    columns: Values = {"source_type": kind, "source_json": source}
    if row["driver_format"] is None and volume["format"]:
        columns["driver_format"] = volume["format"]
    return columns


def _place(volume: Values) -> t.Tuple[str, t.Dict[str, str]]:
    text = volume["path"] or volume["source"] or volume["name"]
    if text.startswith("/"):
        if volume["type"] == "block" or text.startswith("/dev/"):
            return "block", {"@dev": text}
        return "file", {"@file": text}
    address = urllib.parse.urlsplit(text)
    source = {"@protocol": address.scheme, "@name": address.path.lstrip("/")}
    for number, host in enumerate(address.netloc.split(",") if address.netloc else (), 1):
        step = "host" if number == 1 else "host[{0}]".format(number)
        name, _colon, port = host.rpartition(":")
        if name == "unix":
            source.update({step + "/@transport": "unix", step + "/@socket": port})
        elif name:
            source.update({step + "/@name": name, step + "/@port": port})
        else:
            source[step + "/@name"] = host
    return "network", source
