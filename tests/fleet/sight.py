"""What tests of a fleet do: run the playbooks over SSH, and look into the ledger."""

from __future__ import annotations

import json
import re
from typing import Any

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.verify import verify
from ansible_collections.virtledger.libvirt.tests.lab.lab import Hypervisor, Lab
from ledgers import Ledger
from runs import Runner

_RECAP = re.compile(r"^(\S+) +: (ok=.*)$", re.MULTILINE)

PLAYBOOK = "virtledger.libvirt.sync"


class Fleet:
    """Hypervisors, and what a controller records of them.

    :ivar url: the ledger's database.
    :ivar printed: what the last playbook said.
    """

    def __init__(self, lab: Lab, runner: Runner) -> None:
        self.lab = lab
        self.runner = runner
        self.url = f"sqlite:///{runner.ledger}"
        self.printed = ""
        runner.environment["ANSIBLE_PIPELINING"] = "1"

    def record_in(self, url: str) -> None:
        """Have another database than the user's own file."""
        self.url = self.runner.environment["VIRTLEDGER_DATABASE_URL"] = url

    def hypervisor(self, name: str) -> Hypervisor:
        return self.lab.hypervisor(int(name[2:]))

    @property
    def ledger(self) -> Ledger:
        return Ledger(
            self.url if self.url.startswith("postgresql") else self.runner.ledger, create=False
        )

    def sync(
        self, *hosts: str, options: tuple[str, ...] = (), check: bool = True, **role: Any
    ) -> Any:
        """Record hosts with the playbook.

        :param role: variables of the role, without their prefix.
        :returns: the recap by host, as ``{"hv1": {"ok": 3, "changed": 1, ...}}``.
        """
        values: dict[str, Any] = {f"sync_{name}": value for name, value in role.items()}
        if hosts:
            values["target"] = ",".join(hosts)
        path = self.runner.folder / "values.json"
        path.write_text(json.dumps(values))
        self.printed = self.runner.playbook(PLAYBOOK, "-e", f"@{path}", *options, check=check)
        return recap(self.printed)

    def vms(self, pattern: str = "%") -> dict[str, dict[str, str]]:
        """The VMs that are there: by name, host to the ledger's UUID."""
        found: dict[str, dict[str, str]] = {}
        for row in self.ledger.query(
            "SELECT name, host_id, uuid FROM virtual_machines "
            "WHERE deleted_at IS NULL AND name LIKE ? ORDER BY name, host_id",
            pattern,
        ):
            found.setdefault(row["name"], {})[row["host_id"]] = row["uuid"]
        return found

    def outcomes(self) -> dict[str, str]:
        """How the last run over each host ended."""
        rows = self.ledger.query("SELECT host_id, outcome FROM sync_runs ORDER BY last_at, id")
        return {row["host_id"]: row["outcome"] for row in rows}

    def verify(self) -> None:
        """What ``schema`` with ``state: verified`` proves; nothing where nothing was recorded."""
        if self.url.startswith("postgresql") or self.runner.ledger.exists():
            assert verify(resolve(self.url)).violations == []


def recap(printed: str) -> dict[str, dict[str, int]]:
    """The numbers at the end of a playbook's output, by host."""
    return {
        host: {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", numbers)}
        for host, numbers in _RECAP.findall(printed)
    }
