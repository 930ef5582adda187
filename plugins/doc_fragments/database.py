# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options of every action that opens the ledger."""

    DOCUMENTATION = r"""
options:
  database_url:
    description:
      - The ledger's database as an SQLAlchemy URL, for example
        V(postgresql://user:password@host/name), V(mariadb://user:password@host/name) or
        V(sqlite:////var/lib/virtledger/ledger.db).
      - Without it and O(database_url_file) the variables C(virtledger_database_url) and
        C(virtledger_database_url_file) count, then the environment variables
        E(VIRTLEDGER_DATABASE_URL) and E(VIRTLEDGER_DATABASE_URL_FILE) of the controller, then
        SQLite at C($XDG_DATA_HOME/virtledger/ledger.db), where E(XDG_DATA_HOME) is
        C(~/.local/share) by default.
      - That default is refused where the file would be lost, in a container without a volume and in
        a slice of a job of AWX.
      - A password never appears in a message or result. Where a task fails, however, Ansible shows
        the lines of that task, so a password belongs into O(database_url_file), a vaulted variable
        or the environment.
      - Options of the driver follow a question mark, those of TLS among them, as in
        V(postgresql://user:password@host/name?sslmode=verify-full&sslrootcert=/etc/ca.pem) or
        V(mariadb://user:password@host/name?ssl_ca=/etc/ca.pem).
      - To a URL from the environment, E(VIRTLEDGER_DATABASE_CA_FILE),
        E(VIRTLEDGER_DATABASE_CERT_FILE) and E(VIRTLEDGER_DATABASE_KEY_FILE) add these files.
    type: str
  database_url_file:
    description:
      - A file on the controller with the URL in it, and nothing else. Instead of O(database_url).
    type: path
requirements:
  - SQLAlchemy 2.0 or later, on the controller
  - Alembic, on the controller, to create and upgrade the tables
  - psycopg 3 for PostgreSQL, PyMySQL for MariaDB and MySQL, on the controller
"""

    ACTION = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Computes the real difference and writes nothing.
  diff_mode:
    support: full
    description: Shows what changes, or would change in check mode.
  action:
    support: full
    description: Runs on the controller.
  async:
    support: none
    description: Supports being run with the C(async) keyword.
"""

    RECORDING = r"""
options:
  host_id:
    description:
      - The host's name in the ledger, by default C(inventory_hostname).
    type: str
  renamed_from:
    description:
      - The name under which the host was recorded before, if it has another one now. Everything
        that is recorded of it follows, its VMs with their history among it.
      - Once that is done, the option changes nothing. It fails where the ledger has both names, or
        where libvirt tells another host UUID.
    type: str
  shared_paths:
    description:
      - Directories that mean the same on every host, such as mount points of shared storage.
      - A file below one of them is one volume for the whole fleet. Everywhere else, two hosts with
        one path have two volumes.
    type: list
    elements: path
    default: []
  allow_empty:
    description:
      - Record an answer without any VM from a host that had some, so that all of them are marked as
        gone. Else that fails and changes nothing, because the host may be freshly installed or
        another one.
    type: bool
    default: false
  allow_other_host:
    description:
      - Record a host although libvirt tells another host UUID than before. Else that fails and
        changes nothing, because another machine answers under this name.
    type: bool
    default: false
  allow_second_name:
    description:
      - Record a hypervisor that the ledger has under another name already, as a host of its own.
        Else that fails and changes nothing.
      - It is taken for the same if it has the same host UUID, and either the same hostname and
        connection or a VM in common. Once it is recorded, the option is not needed any more.
    type: bool
    default: false
"""
