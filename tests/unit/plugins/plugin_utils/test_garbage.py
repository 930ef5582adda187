"""While facts are recorded Python looks for cycles of garbage seldom, and afterwards as before."""

from __future__ import annotations

import gc

import pytest
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._garbage import seldom_collected
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import record


def test_it_is_as_before_also_after_an_error() -> None:
    before = gc.get_threshold()

    @seldom_collected()
    def work() -> None:
        assert gc.isenabled()
        assert gc.get_threshold()[0] > 10 * before[0]
        assert gc.get_freeze_count() > 1000
        raise KeyError

    with pytest.raises(KeyError):
        work()
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_it_lasts_until_the_last_one_has_ended() -> None:
    before = gc.get_threshold()
    first, second = seldom_collected(), seldom_collected()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold()[0] > 10 * before[0]
    assert gc.get_freeze_count() > 1000
    second.__exit__(None, None, None)
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_a_recording_is_such_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def checked(*_arguments: object) -> None:
        seen.append(gc.get_freeze_count())
        raise KeyError

    monkeypatch.setattr(record, "checked_host_id", checked)
    with pytest.raises(KeyError):
        record.record(None, "hv1", {})  # type: ignore[arg-type]
    assert seen[0] > 1000
