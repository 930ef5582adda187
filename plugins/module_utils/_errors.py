# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exceptions of this collection, raised low and caught once per entry point."""

from __future__ import annotations


class VirtledgerError(Exception):
    """Something the user can act on: the message says what, where and what to do about it.

    :param message: what happened and to which object.
    :param remedy: what the user can do about it, a sentence of its own.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return "{0} {1}".format(self.message, self.remedy) if self.remedy else self.message


class XmlError(VirtledgerError):
    """A document is not well-formed, not domain XML, too large, too deep, or has a DOCTYPE."""


class ArchiveError(VirtledgerError):
    """A file, folder or archive of documents cannot be read, or an option about them is wrong."""


class LibvirtError(VirtledgerError):
    """libvirt is missing, cannot be reached or refuses the request."""


class FactsError(VirtledgerError):
    """Facts handed to the recorder are not what the gathering modules return."""


class RefusedError(VirtledgerError):
    """Facts that are good, but would make the ledger forget what it should not."""


class OutpacedError(FactsError):
    """A host told only what differs from what was recorded, and that is not recorded any more."""


class DatabaseError(VirtledgerError):
    """The database cannot be opened, read or written."""


class SchemaError(DatabaseError):
    """The database's tables are not at the revision that this collection writes."""

    def of(self, database: object) -> SchemaError:
        """The same, with the database named."""
        return SchemaError("Database {0}: {1}".format(database, self.message), self.remedy)


class RegenerationError(VirtledgerError):
    """Domain XML cannot be made from the ledger: nothing archived, or a column libvirt refuses."""
