"""What all tests share: the collection's import path, the corpus, and no test is ever skipped."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
COLLECTIONS = ROOT / ".build" / "collections"
FIXTURES = ROOT / "tests" / "fixtures"

sys.path.insert(0, str(COLLECTIONS))
sys.path.insert(0, str(ROOT / "tests"))
os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(COLLECTIONS)
for _name in ("VIRTLEDGER_DATABASE_URL", "ANSIBLE_CONFIG"):
    os.environ.pop(_name, None)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Tests against data beside the repository are collected only where that data is."""
    needs = {
        "test_corpus.py": "VIRTLEDGER_CORPUS",
        "test_corpus_archive.py": "VIRTLEDGER_CORPUS",
        "test_corpus_findings.py": "VIRTLEDGER_CORPUS",
        "test_corpus_round_trip.py": "VIRTLEDGER_CORPUS",
        "test_oracle.py": "VIRTLEDGER_CORPUS",
        "test_baseline.py": "VIRTLEDGER_BASELINE",
    }
    variable = needs.get(collection_path.name)
    return True if variable and not os.environ.get(variable) else None


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped or expectedly failing test hides something: it fails the run."""
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:  # one of several processes, whose tests the first one reports
        return
    hidden = [
        report
        for kind in ("skipped", "xfailed", "xpassed")
        for report in reporter.stats.get(kind, ())
    ]
    if hidden:
        reporter.write_line(f"ERROR: {len(hidden)} tests were skipped or expected to fail")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder of the project's own test data."""
    return FIXTURES


@pytest.fixture(scope="session")
def servers() -> Iterator[Any]:
    """The database servers of the session, which start when they are needed."""
    from servers.session import Servers

    started = Servers()
    yield started
    started.stop()
