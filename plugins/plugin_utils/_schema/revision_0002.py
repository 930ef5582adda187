# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revision 2: the planned columns of disks, NICs and file systems."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import (
    AddColumns,
    Revision,
    columns,
)

REVISION = Revision(
    2,
    "planned columns",
    (
        AddColumns(
            "volume_attachments",
            columns(
                "device_type text, target_dev text, target_bus text, driver_format text, "
                "driver_queues integer, driver_queue_size integer, io_tune_json document, "
                "serial text, shareable flag, snapshot_name text"
            ),
        ),
        AddColumns(
            "ports",
            columns(
                "source_type text, source_ref long_key, virtual_port_json document, "
                "filter_ref_json document, vlan_tags_json document, trust_guest_rx_filters flag"
            ),
        ),
        AddColumns("filesystems", columns("type text, usage integer, socket_path text")),
    ),
)
