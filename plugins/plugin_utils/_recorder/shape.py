# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a dictionary what the declared fields say? Asked of every device of a fleet."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import Field
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plain import wrong
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import values_of

Facts = t.Dict[str, t.Any]

#: Fields so named are sizes and numbers of things.
_NATURAL = ("_bytes", "_count")

#: The JSON types of a field. Numbers and booleans may be texts: what did not convert is kept.
_TYPES: t.Dict[str, t.Tuple[type, ...]] = {
    "str": (str,),
    "int": (int, str),
    "bool": (bool, str),
    "list": (list,),
    "dict": (dict,),
}

#: So many combinations of types are remembered of one kind of thing.
_REMEMBERED = 4096


class Shape:
    """The fields of one kind of thing, with the types that their values may have.

    Most things of a fleet have one of a few combinations of types. Those that were found good are
    remembered, so that a thing like it costs a look-up.
    """

    def __init__(self, fields: t.Iterable[Field], required: t.Container[str] = ()) -> None:
        """
        :param required: fields that must not be null.
        """
        self._fields = tuple(fields)
        self._required = required
        names = [field.name for field in self._fields]
        self._values = values_of(names)
        self._naturals = [place for place, name in enumerate(names) if name.endswith(_NATURAL)]
        self._good: t.Set[t.Tuple[type, ...]] = set()

    def check(self, host_id: str, place: str, value: t.Any) -> None:
        """
        :raises FactsError: names the host, the place in the facts and what is wrong there.
        """
        if not isinstance(value, dict):
            raise wrong(host_id, place, "not a dictionary")
        try:
            values = self._values(value)
        except KeyError as error:
            problem = "{0}.{1}".format(place, error.args[0])
            raise wrong(host_id, problem, "missing") from None
        types = tuple(map(type, values))
        if types not in self._good:
            for field, item in zip(self._fields, values):
                self._check_type(host_id, place, field, item)
            if len(self._good) < _REMEMBERED:
                self._good.add(types)
        for number in self._naturals:
            item = values[number]
            if isinstance(item, int) and item < 0:
                below = "{0}.{1}".format(place, self._fields[number].name)
                raise wrong(host_id, below, "{0!r:.60} is negative".format(item))
        _check_remarks(host_id, place, value)

    def _check_type(self, host_id: str, place: str, field: Field, item: t.Any) -> None:
        below = "{0}.{1}".format(place, field.name)
        if item is None:
            if field.name in self._required:
                raise wrong(host_id, below, "null")
        elif not isinstance(item, _TYPES[field.type]) or (
            field.type == "int" and isinstance(item, bool)
        ):
            raise wrong(host_id, below, "{0!r:.60} is no {1}".format(item, field.type))


def _check_remarks(host_id: str, place: str, value: Facts) -> None:
    """What is kept beside the fields is text, which others read as such."""
    if not are_texts((value.get("unmapped") or {}).values()):
        raise wrong(host_id, place + ".unmapped", "not a dictionary of texts")
    if not are_texts(value.get("warnings") or ()):
        raise wrong(host_id, place + ".warnings", "not a list of texts")


def are_texts(values: t.Iterable[t.Any]) -> bool:
    """Whether all of them are."""
    return all(isinstance(value, str) for value in values)
