/* One VM with all that it has, and one host. */

const Detail = {
  ofVm: ["disks", "cds", "nics", "filesystems", "snapshots", "controllers", "consoles", "hostdevs", "devices"],

  nothing: (what) => make("div", { class: "view" }, make("h1", { tabindex: "-1" }, "Not in this report"), make("p", {}, `This report has no ${what}. It may be gone, or left out by the report's options.`)),

  facts(sheet, row, skip) {
    const terms = sheet.meta.columns.filter(([name]) => !skip.includes(name) && Text.of(sheet.cell(row, name), "text") !== "");
    return make("dl", { class: "facts" }, terms.map(([name, label, kind]) => make("div", {}, make("dt", {}, label), make("dd", {}, Cells.content(sheet, row, name, kind)))));
  },

  part(title, count, ...content) {
    return make("section", { class: "panel" }, make("h2", {}, title, count === null ? "" : make("span", { class: "n" }, " " + Text.number(count))), content);
  },

  list(sheet, rows, skip) {
    const shown = rows.slice(0, 200);
    return rows.length === 0 ? null : Detail.part(sheet.meta.title, rows.length, Cells.table(sheet, shown, sheet.meta.title, skip),
      rows.length > shown.length ? make("p", {}, `The first ${shown.length}.`) : null);
  },

  findings(sheet, rows) {
    if (!rows.length) return null;
    const cell = (row, name) => sheet.cell(row, name);
    return Detail.part("Findings", rows.length, make("ul", { class: "findings long" }, rows.map((row) => make("li", {},
      Cells.content(sheet, row, "severity", "text"),
      make("div", {}, make("p", {}, make("strong", {}, make("bdi", {}, cell(row, "summary") || "")), " ", make("code", {}, cell(row, "code") || "")),
        cell(row, "explanation") ? make("p", {}, cell(row, "explanation")) : null,
        cell(row, "remedy") ? make("p", { class: "remedy" }, cell(row, "remedy")) : null,
        cell(row, "ignore_reason") ? make("p", { class: "remedy" }, "Ignored: " + cell(row, "ignore_reason")) : null)))));
  },

  async vm(uuid) {
    const vms = await Data.load("vms");
    const [row] = vms.rowsOf("uuid", uuid);
    if (row === undefined) return Detail.nothing("VM " + uuid);
    const [cpus, memory, findings, changes] = await Data.loadAll(["cpus", "memory", "findings", "changes"]);
    const devices = await Data.loadAll(Detail.ofVm);
    const skip = ["vm_name", "host_id", "vm_state", "vm_uuid", "name"];
    const same = [...skip, "vcpu_count", "memory_bytes"];
    const one = (sheet) => sheet.rowsOf("vm_uuid", uuid)[0];
    const host = vms.cell(row, "host_id");
    return make("div", { class: "view" },
      make("h1", { tabindex: "-1" }, make("bdi", {}, vms.cell(row, "name") || uuid), " ", Cells.content(vms, row, "state", "text")),
      make("p", { class: "lead" }, "VM on ", make("a", { href: Cells.toHost(host) }, make("bdi", {}, host || "")), " \u00b7 ",
        make("a", { href: Address.of("map", [["focus", "vm:" + uuid]]) }, "in the picture")),
      Detail.findings(findings, findings.rowsNaming("vm_uuids", uuid)),
      Detail.part("The machine", null, Detail.facts(vms, row, ["name", "state", "host_id"]),
        make("h3", {}, "CPU"), Detail.facts(cpus, one(cpus), same), make("h3", {}, "Memory"), Detail.facts(memory, one(memory), same)),
      devices.map((sheet) => Detail.list(sheet, sheet.rowsOf("vm_uuid", uuid), skip.slice(0, 4))),
      Detail.list(changes, changes.rowsOf("vm_uuid", uuid), ["vm_name", "vm_uuid"]));
  },

  async host(id) {
    const hosts = await Data.load("hosts");
    const [row] = hosts.rowsOf("host_id", id);
    if (row === undefined) return Detail.nothing("host " + id);
    const [vms, findings, networks, pools, sources] = await Data.loadAll(["vms", "findings", "networks", "pools", "sources"]);
    const rows = vms.rowsOf("host_id", id);
    const all = Address.of("vms", [["f.host_id", id]]);
    const brief = vms.meta.columns.filter(([, , , , shown]) => !shown).map(([name]) => name);
    return make("div", { class: "view" },
      make("h1", { tabindex: "-1" }, make("bdi", {}, id)),
      make("p", { class: "lead" }, "Host \u00b7 ", make("a", { href: all }, `${Text.number(rows.length)} VMs`), " \u00b7 ",
        make("a", { href: Address.of("map", [["focus", "host:" + id]]) }, "in the picture")),
      Detail.part("The host", null, Detail.facts(hosts, row, ["host_id"])),
      Detail.findings(findings, findings.rowsNaming("hosts", id).slice(0, 50)),
      Detail.list(vms, rows, [...brief, "host_id"]),
      Detail.list(networks, networks.rowsOf("host_id", id), ["host_id"]),
      Detail.list(pools, pools.rowsOf("host_id", id), ["host_id"]),
      Detail.list(sources, sources.rowsOf("host_id", id).slice(0, 20), ["host_id"]));
  },
};
