"""Golden pairs of XML and facts, with both parsers and every Python of the hypervisors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import golden
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_keys
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import COMMON
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    DOMAIN_FIELDS,
    FAMILIES,
    FAMILY_BY_FACT,
)

SCRIPT = Path(golden.__file__)
PYENV = Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))) / "versions"
INTERPRETERS = sorted(
    {
        sys.executable,
        *(str(path) for minor in range(8, 14) for path in PYENV.glob(f"3.{minor}.*/bin/python")),
    }
)


@pytest.mark.parametrize("backend", ["lxml", "stdlib"])
@pytest.mark.parametrize("name", golden.names())
def test_pair(name: str, backend: str) -> None:
    assert golden.facts(name, backend) == golden.expected(name)


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_pairs_on_other_pythons(interpreter: str) -> None:
    done = subprocess.run(
        [interpreter, "-I", str(SCRIPT)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 wrong" in done.stdout


@pytest.mark.parametrize("name", golden.names())
def test_same_keys_always(name: str) -> None:
    facts = golden.expected(name)
    assert sorted(facts) == sorted(domain_keys())
    for fact, family in FAMILY_BY_FACT.items():
        for device in facts[fact]:
            assert sorted(device) == sorted(field.name for field in family.fields)


def test_every_declared_field_has_a_value_in_some_pair() -> None:
    everything = [golden.expected(name) for name in golden.names()]
    silent = [
        field.name
        for field in DOMAIN_FIELDS
        if all(facts[field.name] in (None, [], {}, False) for facts in everything)
    ]
    common = {field.name: False for field in COMMON}
    for family in FAMILIES:
        devices = [device for facts in everything for device in facts[family.fact]]
        for field in family.fields:
            told = any(device[field.name] not in (None, [], {}, False) for device in devices)
            if field.name in common:
                common[field.name] = common[field.name] or told
            elif not told:
                silent.append(f"{family.name}.{field.name}")
    silent += [name for name, told in common.items() if not told]
    assert silent == []
