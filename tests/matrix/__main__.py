"""Run the main path with every supported version: ``make matrix``.

Usage: python tests/matrix [NAME ...]    only what has NAME in its name

Each result is written at once, in the place of the former one; what fails has none.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import table
from environments import CONTROLLERS, HYPERVISORS, ROOT, Controller, Hypervisor, Unavailable, asked

FUNCTIONAL = ["tests/integration/test_versions.py"]
#: What a release of ansible-core may change besides.
ACTIONS = (
    "tests/integration/test_actions.py::test_" + name
    for name in (
        "module_defaults_by_action_group",
        "async_is_refused",
        "facts_are_never_templated",
    )
)
CONTROLLER_TESTS = [*FUNCTIONAL, *ACTIONS, "tests/unit/test_imports.py"]
#: Tests of tables, recorder and queries.
UNIT = ["schema", "record", "queries"]
UNIT_TESTS = [f"tests/unit/plugins/plugin_utils/test_{name}.py" for name in UNIT]
HYPERVISOR_TESTS = [f"{FUNCTIONAL[0]}::test_the_main_path"]
#: Tests of what runs on hypervisors, with the interpreter of one.
MODULE_TESTS = [
    f"tests/unit/plugins/module_utils/test_{name}.py"
    for name in ("convert", "facts", "golden", "redact", "packing", "traps", "xml", "secrets")
]


def tested(python: Path, tests: list[str], *options: str, interpreter: Path | None) -> int:
    """Run tests with an interpreter; how many passed.

    :raises Unavailable: some did not.
    """
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "collections")}
    if interpreter:
        # A module on its standard input needs no files of its own on the hypervisor.
        environment.update(VIRTLEDGER_TEST_INTERPRETER=str(interpreter), ANSIBLE_PIPELINING="true")
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, *tests]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    found = re.search(r"^(\d+) passed", done.stdout, re.MULTILINE)
    if done.returncode or not found:
        raise Unavailable(f"tests failed: {(done.stdout + done.stderr)[-6000:]}")
    return int(found[1])


def controller(environment: Controller) -> dict[str, Any]:
    """Make an environment and run the tests in it."""
    environment.make()
    python = environment.executable
    packages = ("ansible-core", "SQLAlchemy", "alembic", "psycopg")
    core, sqlalchemy, alembic, psycopg, version, libvirt = asked(
        python,
        *(f"version('{package}')" for package in packages),
        "platform.python_version()",
        _LIBVIRT,
    )
    passed = tested(python, CONTROLLER_TESTS, interpreter=None)
    if environment.is_recording:
        only = "not (postgresql or mariadb)"
        passed += tested(python, UNIT_TESTS, "-k", only, interpreter=None)
    return {
        "ansible_core": core,
        "python": version,
        "sqlalchemy": sqlalchemy,
        "alembic": alembic,
        "psycopg": psycopg,
        "libvirt": libvirt,
        "passed": passed,
    }


_LIBVIRT = "'{0}.{1}.{2}'.format(*(libvirt.getVersion() // 1000 ** n % 1000 for n in (2, 1, 0)))"


def hypervisor(environment: Hypervisor) -> dict[str, Any]:
    """Make a hypervisor and have the release of ansible-core that goes with it look at it."""
    environment.make()
    python = environment.executable
    runner = next(one for one in CONTROLLERS if one.core == environment.core)
    runner.make()
    passed = tested(runner.executable, HYPERVISOR_TESTS, interpreter=python)
    if environment.python:
        # How long something takes says nothing of a version.
        passed += tested(python, MODULE_TESTS, "-k", "not soon", interpreter=None)
    version, libvirt, binding = asked(
        python, "platform.python_version()", _LIBVIRT, "version('libvirt-python')"
    )
    (core,) = asked(runner.executable, "version('ansible-core')")
    return {
        "name": environment.title,
        "python": version,
        "libvirt": libvirt,
        "binding": binding,
        "ansible_core": core,
        "passed": passed,
    }


def main() -> int:
    names = sys.argv[1:]
    failures = []
    jobs = [("controllers", controller, one, one.folder.name) for one in CONTROLLERS]
    jobs += [("hypervisors", hypervisor, one, one.name) for one in HYPERVISORS]
    for kind, work, environment, name in jobs:
        if names and not any(wanted in name for wanted in names):
            continue
        print(f"== {name}", flush=True)
        row = None
        try:
            row = work(environment)
            print(f"   {row}", flush=True)
        except Unavailable as error:
            failures.append(name)
            print(f"   NOT RUN, OR FAILED: {error}", flush=True)
        table.write(kind, name, row)
    results = table.load()
    print("\n" + table.controllers(results) + "\n" + table.hypervisors(results))
    if failures:
        print("Without a result: " + ", ".join(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
