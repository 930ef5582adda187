"""What Ansible does for one task, stage by stage: ``python -m benchmark.stages URI URL FOLDER``.

Prints the seconds of each stage as JSON: for the task that synchronises a host which nothing has
changed on, and for ``ping``. A process of its own for each time, because what is imported stays.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ansible.cli.playbook  # noqa: F401
from ansible.executor.module_common import modify_module
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import action_loader, init_plugin_loader, module_loader
from ansible.template import Templar

_GATHER = "virtledger.libvirt.hypervisor_info"
_PING = "ansible.builtin.ping"


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """The seconds that something takes, and what it returns."""
    started = time.perf_counter()
    returned = work()
    return time.perf_counter() - started, returned


def stages(uri: str, url: str, folder: Path) -> Iterator[tuple[str, float]]:
    """The stages by name, in their order."""
    init_plugin_loader()
    name = "ansible.legacy.normal"
    yield "import, ping", timed(lambda: action_loader.find_plugin(name))[0]
    yield (
        "import, sync",
        timed(lambda: action_loader.get("virtledger.libvirt.sync", class_only=True))[0],
    )
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils._garbage import (
        seldom_collected,
    )

    known = _known(url)
    yield "packing, ping", _packed(_PING, {}, folder / "ping.py")
    arguments = {"uri": uri, "include_xml": True, "packed": True, **known}
    # As while the action works.
    with seldom_collected():
        yield "packing, sync", _packed(_GATHER, arguments, folder / "sync.py")
    for what in ("ping", "sync"):
        seconds, answer = timed(lambda what=what: _run(folder / f"{what}.py"))
        assert not answer.get("failed"), answer
        yield f"module, {what}", seconds
    yield "database, sync", _recorded(url, answer)


def _known(url: str) -> dict[str, Any]:
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.record import prepare

    known = prepare(resolve(url), "h1")
    return {"known_domains": known.domains, "known_inventory": known.inventory}


def _recorded(url: str, answer: dict[str, Any]) -> float:
    """What follows an answer, and what came before the question, in one."""
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.record import (
        prepare,
        record,
    )

    database = resolve(url)

    def work() -> None:
        record(database, "h1", answer, known=prepare(database, "h1"))

    return timed(work)[0]


def _packed(module: str, arguments: dict[str, Any], path: Path) -> float:
    """Have Ansible make the file that it sends to a host."""
    found = module_loader.find_plugin_with_context(module, collection_list=[])
    seconds, built = timed(
        lambda: modify_module(
            module_name=found.plugin_resolved_name.split(".")[-1]
            if module == _PING
            else found.plugin_resolved_name,
            module_path=found.plugin_resolved_path,
            module_args={**arguments, "_ansible_remote_tmp": str(path.parent)},
            templar=Templar(loader=DataLoader()),
            task_vars={"ansible_python_interpreter": sys.executable},
            module_compression="ZIP_DEFLATED",
        )
    )
    path.write_bytes(built.b_module_data)
    return seconds


def _run(path: Path) -> dict[str, Any]:
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


if __name__ == "__main__":
    print(json.dumps(dict(stages(sys.argv[1], sys.argv[2], Path(sys.argv[3])))))
