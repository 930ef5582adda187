# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Portable column types: the same values from SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import datetime
import functools
import json
import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import (
    dialect_module,
    sa,
    sqlite,
    types,
)

UTC = datetime.timezone.utc

#: The longest text that every supported database takes into an index as a whole.
LONG_KEY = 640

#: How much of a text is indexed on MariaDB and MySQL where its column may have no bound.
INDEXED_PREFIX = 255

_MYSQL = ("mysql", "mariadb")

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?"
)


def parse_moment(text: str) -> datetime.datetime:
    """A stored timestamp, with or without fractions and zone; without a zone it is UTC."""
    match = _MOMENT.match(text)
    if not match:
        raise ValueError("not a timestamp: {0!r}".format(text))
    fraction = ((match.group(7) or "") + "000000")[:6]
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    moment = datetime.datetime(year, month, day, hour, minute, second, int(fraction), UTC)
    zone = match.group(8)
    if zone and zone != "Z":
        hours, minutes = int(zone[1:3]), int(zone[-2:])
        offset = datetime.timedelta(hours=hours, minutes=minutes)
        moment = moment - offset if zone[0] == "+" else moment + offset
    return moment


class UtcDateTime(types.TypeDecorator[t.Any]):
    """Aware timestamps in UTC.

    SQLite stores ``2026-01-31 12:00:00.000000+00:00``, which sorts with the values of an existing
    database; PostgreSQL stores timestamptz, MariaDB and MySQL DATETIME(6) in UTC.
    """

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: t.Any) -> types.TypeEngine[t.Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(_SqliteMoment())
        if dialect.name in _MYSQL:
            return dialect.type_descriptor(dialect_module("mysql").DATETIME(fsp=6))
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: t.Any, dialect: t.Any) -> t.Any:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name in _MYSQL else value

    def process_result_value(self, value: t.Any, dialect: t.Any) -> t.Any:
        if value is None:
            return None
        # PostgreSQL answers in the time zone of the session.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _SqliteMoment(sqlite.DATETIME):
    """Text in a DATETIME column, written by :class:`UtcDateTime`, read from whoever wrote it."""

    def bind_processor(self, dialect: t.Any) -> t.Any:
        return lambda value: None if value is None else value.isoformat(" ", "microseconds")

    def result_processor(self, dialect: t.Any, coltype: t.Any) -> t.Any:
        return lambda value: None if value is None else parse_moment(str(value))


class LongText(types.TypeDecorator[t.Any]):
    """A text of any length; on MariaDB and MySQL MEDIUMTEXT, whose TEXT ends at 64 KiB."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: t.Any) -> types.TypeEngine[t.Any]:
        if dialect.name in _MYSQL:
            return dialect.type_descriptor(dialect_module("mysql").MEDIUMTEXT())
        return super().load_dialect_impl(dialect)


class LongBinary(types.TypeDecorator[t.Any]):
    """Bytes; on MariaDB and MySQL MEDIUMBLOB, whose BLOB ends at 64 KiB."""

    impl = sa.LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: t.Any) -> types.TypeEngine[t.Any]:
        if dialect.name in _MYSQL:
            return dialect.type_descriptor(dialect_module("mysql").MEDIUMBLOB())
        return super().load_dialect_impl(dialect)


def json_text(value: t.Any) -> t.Optional[str]:
    """What a column of type :class:`JsonText` holds for a value."""
    if not value and (value is None or value in ([], {})):
        return None
    return _JSON.encode(value)


class JsonText(LongText):
    """Lists and dictionaries as JSON in a TEXT column; empty ones and None are NULL.

    Text in an existing row that is no JSON comes back as it is.
    """

    cache_ok = True

    def process_bind_param(self, value: t.Any, dialect: t.Any) -> t.Optional[str]:
        return json_text(value)

    def process_result_value(self, value: t.Any, dialect: t.Any) -> t.Any:
        if value is None:
            return None
        try:
            return json.loads(value)
        except ValueError:
            return value


# Types have no state, and columns share them: making one takes longer than making a column.


@functools.lru_cache(maxsize=None)
def integer() -> types.TypeEngine[t.Any]:
    """A 64-bit number; on SQLite INTEGER, whose primary keys number themselves."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


@functools.lru_cache(maxsize=None)
def key(length: int = 255) -> sa.String:
    """A text that is looked up by: bounded, so that every database can index it."""
    return sa.String(length)


@functools.lru_cache(maxsize=None)
def uuid() -> sa.String:
    """A UUID as text."""
    return sa.String(36)


@functools.lru_cache(maxsize=None)
def text() -> LongText:
    """A text of any length."""
    return LongText()


@functools.lru_cache(maxsize=None)
def binary() -> LongBinary:
    """Bytes of any length."""
    return LongBinary()


@functools.lru_cache(maxsize=None)
def flag() -> sa.Boolean:
    """True, false or NULL."""
    return sa.Boolean(create_constraint=False)


@functools.lru_cache(maxsize=None)
def moment() -> UtcDateTime:
    """A timestamp in UTC."""
    return UtcDateTime()


@functools.lru_cache(maxsize=None)
def document() -> JsonText:
    """A JSON document in a TEXT column."""
    return JsonText()
