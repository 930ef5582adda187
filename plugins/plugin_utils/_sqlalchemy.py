# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place where SQLAlchemy and Alembic are imported.

Every file of a collection must be importable where they are not installed. There, a stand-in
takes their place: tables and types can be declared on it, and :func:`require_sqlalchemy`, which
every entry point calls first, fails with a message that says what to install.
"""

from __future__ import annotations

import importlib
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError


class _Absent:
    """Stands for a library that is not installed: whatever is done with it gives itself."""

    def __getattr__(self, name: str) -> t.Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        return self

    def __mro_entries__(self, bases: t.Any) -> t.Tuple[type, ...]:
        return ()

    def __getitem__(self, item: t.Any) -> t.Any:
        return self

    def __iter__(self) -> t.Iterator[t.Any]:
        return iter(())

    def __and__(self, other: t.Any) -> t.Any:
        return self

    def __eq__(self, other: object) -> t.Any:
        return self

    def __ne__(self, other: object) -> t.Any:
        return self

    def __hash__(self) -> int:
        return id(self)


if t.TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy import event, exc, pool, types
    from sqlalchemy.dialects import sqlite
    from sqlalchemy.ext import compiler

    SQLALCHEMY_IMPORT_ERROR: t.Optional[ImportError] = None
else:
    SQLALCHEMY_IMPORT_ERROR = None
    try:
        import sqlalchemy as sa
        from sqlalchemy import event, exc, pool, types
        from sqlalchemy.dialects import sqlite
        from sqlalchemy.ext import compiler
    except ImportError as error:
        SQLALCHEMY_IMPORT_ERROR = error
        sa = event = exc = pool = types = sqlite = compiler = _Absent()

_REMEDY = (
    "Install it for the Python that runs ansible-playbook, or in the execution environment: "
    "pip install 'SQLAlchemy>=2.0' alembic."
)


def require_sqlalchemy() -> None:
    """Fail where SQLAlchemy cannot be used.

    :raises DatabaseError: it is missing, or older than 2.0.
    """
    if SQLALCHEMY_IMPORT_ERROR is not None:
        raise DatabaseError(
            "SQLAlchemy is not installed on the controller ({0}).".format(SQLALCHEMY_IMPORT_ERROR),
            _REMEDY,
        )
    if int(sa.__version__.split(".")[0]) < 2:
        raise DatabaseError("SQLAlchemy {0} is too old.".format(sa.__version__), _REMEDY)


def dialect_module(name: str) -> t.Any:
    """What SQLAlchemy has for one kind of database only.

    It takes ten milliseconds to import, so that is done where such a database is in use.
    """
    return importlib.import_module("sqlalchemy.dialects." + name)


__all__ = [
    "compiler",
    "dialect_module",
    "event",
    "exc",
    "pool",
    "require_sqlalchemy",
    "sa",
    "sqlite",
    "types",
]
