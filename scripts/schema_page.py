"""The page docs/schema.md: every table with its columns and indexes, from what is declared."""

# Lines of the page are as long as they are in the page.
# ruff: noqa: E501

from __future__ import annotations

import re

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import (
    MAPPING_VERSION,
    _families,
    hypervisor,
    snapshot,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _types as ty
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._indexes import indexes_of
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import LATEST
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import metadata

#: Columns of the ledger itself that many tables have, and those of single ones.
EVERYWHERE = {
    "id": "the row's number",
    "created_at": "when the row was written first",
    "updated_at": "when it was written last",
    "deleted_at": "since when it is gone; null while it is there",
    "vm_uuid": "the VM that has it, `uuid` of `virtual_machines`",
}
_HOST = {"host_id": "the host that has it"}
_LAYOUT = "of the existing layout; kept, not filled"
BESIDES = {
    "hosts": {
        "id": "the host's name in the ledger, `host_id` of other tables",
        "state": "`CONNECTED`; `DISCONNECTED` of a host that only archived documents tell",
        "task_state": _LAYOUT,
        "inventory_digest": "what the host said of itself, its networks, pools and volumes",
        "digest": "the same with the paths that are shared",
        "last_seen_at": "when it was recorded last",
        "last_complete_at": "when it was last recorded with all its VMs",
    },
    "virtual_machines": {
        **_HOST,
        "uuid": "the VM's UUID in the ledger, which stays when it moves",
        "task_state": _LAYOUT,
        "is_template": _LAYOUT,
        "sync_status": _LAYOUT,
        "drift_details": _LAYOUT,
        "needs_rebuild": _LAYOUT,
        "digest": "SHA-256 of the facts",
        "xml_digest": "SHA-256 of the XML",
        "source_digest": "SHA-256 of all that the facts are made of, but for what moves by itself",
        "mapping_version": "version of the mapping that made the facts",
        "observed_at": "when the VM became what the row says",
        "origin": "`hypervisor` or `archive`: who told it; null of a row of the existing layout",
        "whereabouts_json": "where it was before",
    },
    "storage_pools": _HOST,
    "networks": _HOST,
    "volumes": {
        "storage_pool_id": "the pool that it is in, where one is known",
        "identity": "SHA-256 of scope and source, which make it one volume",
        "scope": "`host:` and a host's name, or who else has what is called so",
        "source": "where the data is",
    },
    "volume_attachments": {"volume_id": "the row of `volumes`"},
    "consoles": {**_HOST, "model_name": _LAYOUT, "metadata": _LAYOUT},
    "host_devices": {**_HOST, "description": _LAYOUT},
    "usb_redirectors": {"filter_rule": _LAYOUT},
    "port_bindings": {
        "port_id": "the row of `ports`",
        "network_id": "the row of `networks` that it is connected to",
    },
    "attachment_indices": {
        "device_type": "which kind of device it is; the table follows from it",
        "attachment_id": "the row in that table",
        "device_id": "the row of the device itself: the volume, the controller, ...",
    },
    "xml_documents": {
        "digest": "SHA-256 of the text",
        "size_bytes": "length of the text in UTF-8",
        "content": "the text, compressed by zlib",
        "used_at": "when a VM had it last",
    },
    "vm_configurations": {
        "host_id": "the host that it was seen on",
        "kind": "`live` or `config`",
        "digest": "the row of `xml_documents`",
        "stable_digest": "SHA-256 of the text without what moves by itself",
        "flags": "libvirt's flags with which it was read",
        "first_seen_at": "since when the VM was so",
        "last_seen_at": "until when it was seen so; null while it is",
        "origin": "`hypervisor` or `archive`",
        "origin_path": "the file that an archived text comes from",
        "redacted_json": "paths of the secrets that were removed",
    },
    "sync_runs": {
        "host_id": "the host that was to be recorded; null of `retention`",
        "action": "`sync`, `record`, `backfill` or `retention`",
        "outcome": "how it ended: `recorded`, `unchanged`, `refused`, `failed`, `unreachable`; `removed` of "
        "`retention`",
        "is_complete": "all VMs of the host were read",
        "reason": "why it was not recorded, or not completely",
        "started_at": "when it began",
        "finished_at": "when it ended",
        "recorded_by": "the user and the controller",
        "job": "the job of AWX",
        "counts_json": "how many VMs were seen, new, changed, gone, ...; of `retention` how many rows "
        "were removed, and before when",
        "seconds_json": "how long its stages took",
        "repeats": "how often the same came after it",
        "last_at": "when it came last",
        "last_by": "the user and the controller then",
        "last_job": "the job of AWX then",
    },
    "changes": {
        "seen_at": "when the host was asked that told so",
        "run_id": "the run in `sync_runs`; null of what the role `restore` noted",
        "host_id": "the host that told so",
        "vm_uuid": "the VM that it is about or belongs to",
        "domain_uuid": "its UUID in libvirt",
        "vm_name": "its name at that time",
        "object_type": "the table that it is about",
        "object_name": "what people call the thing: a name, a target, a MAC, a path",
        "object_id": "its row in that table, where that has a number",
        "change": "`added`, `changed`, `removed`, `moved`, `returned`, `gone` or `renamed`",
        "attribute": "the field, as facts call it",
        "old_value": "its value before; of what was removed what tells which it was",
        "new_value": "its value since; of what was added what tells which it is",
    },
    "findings": {
        "code": "the rule that found it; docs/findings.md has all of them",
        "severity": "`critical`, `warning` or `info`",
        "object_type": "the table of the object",
        "object_name": "what the object is called",
        "host_id": "the host; null where several are concerned",
        "vm_uuid": "the VM; null where none or several are concerned, which `details_json` names",
        "vm_name": "its name",
        "fingerprint": "SHA-256 of the code and of what it is about",
        "summary": "what is wrong, in a sentence",
        "details_json": "what belongs to it, by the rule; `vms` are the VMs concerned, if several",
        "first_seen_at": "when it was found first",
        "last_seen_at": "when it was found last",
        "closed_at": "since when it is not found any more; null while it is",
        "reopened": "how often it came back",
        "last_reopened_at": "when it came back last",
        "ignored_until": "until when it is ignored; null is for ever, if there is a reason",
        "ignore_reason": "why it is ignored; null if it is not",
    },
    "virtledger_schema": {
        "revision": "number of a revision of the tables",
        "name": "its name",
        "applied_at": "when it was applied",
    },
}


#: What a row is; of devices their family says so.
ROWS = {
    "hosts": "A hypervisor",
    "virtual_machines": "A VM on a host, also one that is gone",
    "vm_snapshots": "A snapshot or checkpoint of a VM",
    "networks": "A libvirt network of a host",
    "storage_pools": "A storage pool of a host",
    "volumes": "What disks are made of: a file, a block device, a volume of a pool, an image in a network",
    "port_bindings": "The connection of a NIC to a libvirt network of its host",
    "attachment_indices": "A device of a VM, of any kind: one table to ask for all that a VM has",
    "xml_documents": "A text of domain XML without secrets, stored once however many VMs had it",
    "vm_configurations": "A configuration that a VM had, from its first to its last sighting",
    "sync_runs": "An attempt to record a host, or a removal of old history; repetitions are counted in it",
    "changes": "A change that was seen: of one attribute, or of something that came or went",
    "findings": "Something that is or was wrong in the fleet",
    "virtledger_schema": "A revision of the tables that was applied",
}

HEAD = """# Schema reference

Generated by `scripts/generate` from the tables and the mapping: schema revision {revision}, mapping
version {mapping}. [views.md](views.md) has the views, which stay as they are when tables change, and are
what dashboards and scripts should read. [fields.md](fields.md) tells where in the XML a column is from.

Types: *text (n)* has at most n characters; *timestamp* is in UTC, on SQLite a text such as
`2026-01-31 12:00:00.000000+00:00`; *JSON* is a text; *boolean* is 0 or 1 on MariaDB, MySQL and SQLite.
Columns may be null unless they are *required*. What is null is not known, or not said by the XML.

How tables belong together:

| from | to |
|---|---|
| `host_id` of any table | `hosts.id` |
| `vm_uuid` of any table | `virtual_machines.uuid` |
| `volume_attachments.volume_id` | `volumes.id` |
| `volumes.storage_pool_id` | `storage_pools.id` |
| `port_bindings.port_id`, `.network_id` | `ports.id`, `networks.id` |
| `attachment_indices.attachment_id` | `id` of the table that `device_type` names, see [below](#attachment_indices) |
| `vm_configurations.digest` | `xml_documents.digest` |
| `changes.run_id` | `sync_runs.id` |

There are no foreign keys, because an existing system has none. The action `schema` with `state: verified`
[proves](operation.md#is-everything-right) that all of this holds. Rows of VMs, networks, pools and volumes
that are gone stay, with `deleted_at`; those of devices are removed.

| table | a row is |
|---|---|
"""


def kind(column: sa.Column) -> str:
    """The type of a column in a reader's words."""
    found = column.type
    if isinstance(found, ty.UtcDateTime):
        return "timestamp"
    if isinstance(found, ty.JsonText):
        return "JSON"
    if isinstance(found, ty.LongBinary):
        return "bytes"
    if isinstance(found, ty.LongText):
        return "text"
    if isinstance(found, sa.String):
        return f"text ({found.length})"
    return "boolean" if isinstance(found, sa.Boolean) else "integer"


def fields_by_table() -> dict:
    """The declared fields that fill a table's columns, by the names of the columns."""
    stored = {
        "virtual_machines": _families.DOMAIN_FIELDS + _families.STATUS_FIELDS,
        "vm_snapshots": snapshot.SNAPSHOT_FIELDS,
        "hosts": hypervisor.HYPERVISOR_FIELDS,
        "networks": hypervisor.NETWORK_FIELDS,
        "storage_pools": hypervisor.POOL_FIELDS,
        "volumes": hypervisor.VOLUME_FIELDS,
    }
    for family in _families.FAMILIES:
        stored[family.fact] = stored[family.table] = family.fields
    return {name: {field.column_name: field for field in fields} for name, fields in stored.items()}


def rows_by_table() -> dict[str, str]:
    """What a row of each table is."""
    told = dict(ROWS)
    for family in _families.FAMILIES:
        told[family.fact] = f"{family.doc[0].upper()}{plain(family.doc)[1:]}"
        if family.split:
            told[family.table] = (
                f"The place of one of `{family.fact}` in a VM, and whether that runs with it, is defined "
                "with it, or both"
            )
    return told


def meaning(table: str, column: str, fields: dict, links: dict[str, str]) -> str:
    """What a column says: by its field, else by what is told here; a KeyError if nothing does."""
    field = fields.get(table, {}).get(column)
    if field is not None:
        unit = f", in {field.unit}" if field.unit and not column.endswith("_bytes") else ""
        return plain(field.doc) + unit
    if column in BESIDES.get(table, {}):
        return BESIDES[table][column]
    return links.get(column) or EVERYWHERE[column]


def condition(index: sa.Index) -> str:
    """For which rows a partial index is; MariaDB and MySQL have a generated column in its place."""
    found = index.dialect_options["postgresql"].get("where")
    return (
        f", of rows with `{found.compile(compile_kwargs={'literal_binds': True})}`"
        if found is not None
        else ""
    )


def indexes(table: sa.Table) -> list[str]:
    lines = ["| index | columns | |", "|---|---|---|"]
    for index in indexes_of(table):
        columns = ", ".join(f"`{column.name}`" for column in index.columns)
        words = "unique" if index.unique else ""
        lines.append(
            f"| `{index.name}` | {columns} | {words}{unqualified(condition(index), table)} |"
        )
    return ["", *lines] if len(lines) > 2 else []


def unqualified(text: str, table: sa.Table) -> str:
    return text.replace(f"{table.name}.", "")


def schema_page() -> str:
    fields, told = fields_by_table(), rows_by_table()
    links = {
        family.link: f"the row of `{family.fact}`" for family in _families.FAMILIES if family.split
    }
    lines = HEAD.format(revision=LATEST, mapping=MAPPING_VERSION).splitlines()
    lines += [f"| [`{name}`](#{name}) | {lowered(told[name])} |" for name in metadata.tables]
    for name, table in metadata.tables.items():
        lines += [
            "",
            f"## {name}",
            "",
            told[name] + ".",
            "",
            "| column | type | meaning |",
            "|---|---|---|",
        ]
        for column in table.columns:
            required = "" if column.nullable else ", required"
            key = ", primary key" if column.primary_key else required
            lines.append(
                f"| `{column.name}` | {kind(column)}{key} | {meaning(name, column.name, fields, links)} |"
            )
        lines += indexes(table)
        if name == "attachment_indices":
            lines += kinds()
    return "\n".join(lines) + "\n"


def kinds() -> list[str]:
    """Which table a kind of device in the index means."""
    lines = [
        "",
        "| `device_type` | table of `attachment_id` | table of `device_id` |",
        "|---|---|---|",
    ]
    for family in _families.FAMILIES:
        device = "volumes" if family.table == "volume_attachments" else family.fact
        lines.append(f"| `{family.index_type}` | `{family.table}` | `{device}` |")
    return lines


def lowered(text: str) -> str:
    """As a part of a sentence; names that are all capitals stay."""
    return text if text[1].isupper() else text[0].lower() + text[1:]


def plain(text: str) -> str:
    text = re.sub(r"RV\(ignore:(\w+)\)", r"`\1`", text)
    return re.sub(r"[VCO]\(([^)]*)\)", r"`\1`", text).replace("|", "\\|")
