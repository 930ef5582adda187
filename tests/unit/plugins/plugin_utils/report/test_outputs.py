"""CSV, JSON and the workbook: every value is there, and none of them does anything."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report import plain, workbook
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.collect import (
    Report,
    collect,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.scope import Scope
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheets import SHEETS
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.texts import visible
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.vm_sheets import (
    DISK,
    INFO,
    NETWORK,
)
from ledgers import Ledger
from report.made_up import EVIL, record

TITLE = "Fleet \u202e of </title>"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A report in which everything that a hypervisor can name has an evil name."""
    ledger = Ledger(tmp_path_factory.mktemp("ledger") / "ledger.db")
    record(ledger)
    read = collect(ledger.database, Scope())
    pattern = {name: read.rows[name][0] for name in ("vInfo", "vDisk", "vNetwork")}
    for sheet, column in (
        (INFO, "name"),
        (INFO, "title"),
        (DISK, "source_ref"),
        (NETWORK, "network_name"),
    ):
        place = sheet.place(column)
        for text in EVIL:
            row = list(pattern[sheet.name])
            row[place] = text
            read.rows[sheet.name].append(row)
    return read


def cells(report: Report, sheet: Any, name: str) -> list[Any]:
    return [row[sheet.place(name)] for row in report.rows[sheet.name]]


@pytest.fixture(scope="module")
def book(report: Report) -> Any:
    """The workbook, as another program reads it."""
    return openpyxl.load_workbook(io.BytesIO(workbook.to_xlsx(report, TITLE).content))


def test_json_has_every_value_as_it_is(report: Report) -> None:
    text = plain.to_json(report, TITLE).decode("ascii")
    answer = json.loads(text)
    assert (answer["title"], answer["as_of"]) == (TITLE, report.as_of)
    assert list(answer["sheets"]) == [sheet.name for sheet in SHEETS]
    names = [row["name"] for row in answer["sheets"]["vInfo"]]
    assert names == cells(report, INFO, "name")
    assert set(EVIL) <= set(names)


def test_csv_has_every_value(report: Report) -> None:
    found = list(
        csv.DictReader(io.StringIO(plain.to_csv(report, INFO).decode("utf-8"), newline=""))
    )
    assert len(found) == len(report.rows["vInfo"])
    first = dict(
        zip((column.name for column in INFO.columns), report.rows["vInfo"][0], strict=True)
    )
    assert found[0]["memory_bytes"] == str(first["memory_bytes"])
    assert found[0]["persistent"] == "true"
    assert found[0]["deleted_at"] == ""


def test_no_cell_of_csv_begins_like_a_formula(report: Report) -> None:
    for sheet in SHEETS:
        lines = csv.reader(io.StringIO(plain.to_csv(report, sheet).decode("utf-8"), newline=""))
        for row in lines:
            for cell in row:
                assert not re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]", cell), (sheet.name, cell)
    told = plain.to_csv(report, INFO).decode("utf-8")
    assert "\"'=HYPERLINK" in told
    assert "' =1+1" in told


def test_the_workbook_has_all_sheets_with_all_rows(report: Report, book: Any) -> None:
    assert book.sheetnames == [sheet.name for sheet in SHEETS]
    for sheet in SHEETS:
        assert book[sheet.name].max_row == len(report.rows[sheet.name]) + 1, sheet.name
        heads = [cell.value for cell in book[sheet.name][1]]
        assert [head.removesuffix(" MiB") for head in heads] == [one.label for one in sheet.columns]


def test_values_have_their_types(report: Report, book: Any) -> None:
    place = {column.name: number for number, column in enumerate(INFO.columns)}
    row, expected = list(book["vInfo"])[1], report.rows["vInfo"][0]
    assert row[place["vcpu_count"]].value == expected[place["vcpu_count"]]
    assert row[place["memory_bytes"]].value == expected[place["memory_bytes"]] / 2**20
    assert row[place["persistent"]].value is True
    assert row[place["created_at"]].is_date
    assert row[place["deleted_at"]].value is None
    assert book.properties.created.strftime("%Y-%m-%dT%H:%M:%SZ") == report.as_of


def test_no_cell_of_the_workbook_is_a_formula_or_a_link(report: Report, book: Any) -> None:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.value
                assert cell.hyperlink is None
    # What spreadsheets read as an underscore, this reader leaves as it is.
    names = [row[0].value.replace("_x005F_", "_") for row in list(book["vInfo"])[1:]]
    told = [text.replace("<r>", " <r>") if text.startswith("<r>") else text for text in EVIL]
    assert set(map(visible, told)) <= set(names)


def test_the_workbook_is_well_formed_and_names_nothing_outside(report: Report) -> None:
    with zipfile.ZipFile(io.BytesIO(workbook.to_xlsx(report, TITLE).content)) as archive:
        for name in archive.namelist():
            assert ElementTree.fromstring(archive.read(name)) is not None, name
            if name.endswith(".rels"):
                assert b"External" not in archive.read(name)


def test_the_same_report_is_the_same_workbook(report: Report) -> None:
    assert workbook.to_xlsx(report, TITLE).content == workbook.to_xlsx(report, TITLE).content


def test_what_does_not_fit_into_the_workbook_is_said(report: Report) -> None:
    rows = {**report.rows, "vInfo": [list(row) for row in report.rows["vInfo"]]}
    place = INFO.place("description")
    rows["vInfo"][0][place] = "x" * 40000
    rows["vInfo"][1][place] = "<r>" + "x" * 32760 + "</r>"
    rows["vInfo"][2][INFO.place("vcpu_count")] = 2**63
    made = workbook.to_xlsx(report._replace(rows=rows), TITLE, rows=12)
    cut, *many = sorted(made.notes, key=lambda note: "are cut" not in note)
    assert "In sheet vInfo of the workbook 2 texts are cut at 32767 characters" in cut
    assert any(
        f"Sheet vInfo of the workbook has the first 11 of {len(rows['vInfo'])} rows" in note
        for note in many
    )
    sheet = openpyxl.load_workbook(io.BytesIO(made.content))["vInfo"]
    assert sheet.max_row == 12
    assert [len(sheet.cell(line, place + 1).value) for line in (2, 3)] == [32767, 32767]
    assert sheet.cell(4, INFO.place("vcpu_count") + 1).value == str(2**63)


def test_without_xlsxwriter(monkeypatch: pytest.MonkeyPatch, report: Report) -> None:
    monkeypatch.setattr(workbook, "IMPORT_ERROR", ImportError("No module named 'xlsxwriter'"))
    with pytest.raises(
        VirtledgerError, match=r"No module named 'xlsxwriter'.*pip install XlsxWriter"
    ):
        workbook.to_xlsx(report, TITLE)
