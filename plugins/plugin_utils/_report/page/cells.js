/* Cells of tables, with links to what they name. */

const Cells = {
  links: {
    vm_name: (sheet, row) => Cells.toVm(sheet.cell(row, "vm_uuid")),
    host_id: (sheet, row) => Cells.toHost(sheet.cell(row, "host_id")),
    name: (sheet, row) =>
      ({
        vms: () => Cells.toVm(sheet.cell(row, "uuid")),
        volumes: () => Address.of("map", [["focus", "volume:" + sheet.cell(row, "id")]]),
        networks: () => Address.of("map", [["focus", "network:" + sheet.cell(row, "name")]]),
      })[sheet.meta.slug]?.(),
    network_name: (sheet, row) => Address.of("map", [["focus", "network:" + sheet.cell(row, "network_name")]]),
    source_ref: (sheet, row) =>
      sheet.cell(row, "volume_id") && Address.of("map", [["focus", "volume:" + sheet.cell(row, "volume_id")]]),
  },

  toVm: (uuid) => uuid && Address.of("vm", [], uuid),
  toHost: (id) => id && Address.of("host", [], id),

  badges: { state: "state-", vm_state: "state-", severity: "severity-", last_outcome: "outcome-", outcome: "outcome-" },

  numeric: (kind) => kind === "number" || kind === "bytes",

  content(sheet, row, name, kind) {
    const value = sheet.cell(row, name);
    const text = Text.of(value, kind);
    if (text === "") return make("span", { class: "none" }, "\u2013");
    if (name in Cells.badges) {
      return make("span", { class: "badge " + Cells.badges[name] + text.replace(/\W/g, "") }, make("bdi", {}, text));
    }
    if (name === "vms" && sheet.meta.slug === "findings") return Cells.several(sheet, row, text);
    if (kind !== "text") return document.createTextNode(text);
    const shown = text.length > 160 ? make("bdi", { title: text.slice(0, 4000) }, Text.short(text, 160)) : make("bdi", {}, text);
    const href = Cells.links[name]?.(sheet, row);
    return href ? make("a", { href }, shown) : shown;
  },

  /* The VMs of a finding; of those that this report leaves out only the names. */
  several(sheet, row, text) {
    const [vms, uuids] = [sheet.machines, (sheet.cell(row, "vm_uuids") || "").split(" ")];
    const rows = uuids.map((uuid) => vms.rowsOf("uuid", uuid)[0]);
    if (rows.includes(undefined)) return make("bdi", {}, text);
    return make("span", {}, rows.flatMap((one, at) => [at ? ", " : "", make("a", { href: Cells.toVm(uuids[at]) }, make("bdi", {}, vms.cell(one, "name") || uuids[at]))]));
  },

  of(sheet, row, name, kind, isHead) {
    const attributes = { class: Cells.numeric(kind) ? "n" : kind === "time" ? "t" : null };
    if (isHead) attributes.scope = "row";
    return make(isHead ? "th" : "td", attributes, Cells.content(sheet, row, name, kind));
  },

  /* A small table of some rows, with the columns in which any of them has something. */
  table(sheet, rows, caption, skip) {
    const columns = sheet.meta.columns.filter(
      ([name]) => !skip.includes(name) && rows.some((row) => Text.of(sheet.cell(row, name), "text") !== ""),
    );
    return make(
      "div",
      { class: "scroll", tabindex: "0", role: "group", "aria-label": caption },
      make(
        "table",
        { class: "data" },
        make("caption", { class: "hidden" }, caption),
        make("thead", {}, make("tr", {}, columns.map(([, label, kind]) => make("th", { scope: "col", class: Cells.numeric(kind) ? "n" : null }, label)))),
        make("tbody", {}, rows.map((row) => make("tr", {}, columns.map(([name, , kind], at) => Cells.of(sheet, row, name, kind, at === 0))))),
      ),
    );
  },
};
