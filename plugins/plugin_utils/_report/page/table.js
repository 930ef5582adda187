/* A sheet as a table: search, filters, order, pages. All of it is in the address. */

class TableView {
  constructor(sheet) {
    this.sheet = sheet;
    this.slug = sheet.meta.slug;
    this.element = make("div", { class: "view" });
    this.params = new Map();
    this.build();
  }

  build() {
    const { meta } = this.sheet;
    this.search = make("input", { type: "search", id: "search", autocomplete: "off", oninput: later(150, () => this.change("q", this.search.value, true)) });
    this.all = make("button", { type: "button", "aria-pressed": "false", onclick: () => this.change("all", this.params.get("all") ? "" : "1") }, "All columns");
    this.clear = make("button", { type: "button", onclick: () => this.reset() }, "Reset");
    this.size = make("select", { id: "size", onchange: () => this.change("size", this.size.value === "100" ? "" : this.size.value) },
      ["50", "100", "500", "2000"].map((size) => make("option", { value: size }, size)));
    this.count = make("p", { class: "count" });
    this.facets = meta.columns.filter(([, , , facet]) => facet).map(([name, label]) => this.facet(name, label)).filter(Boolean);
    this.head = make("tr");
    this.body = make("tbody");
    this.table = make("table", { class: "data" }, make("caption", { class: "hidden" }, meta.title), make("thead", {}, this.head), this.body);
    this.pager = make("nav", { class: "pager", "aria-label": "Pages" });
    const cut = meta.total > this.sheet.rows;
    this.element.append(
      make("h1", { tabindex: "-1" }, meta.title),
      cut ? make("p", { class: "note" }, `The first ${Text.number(this.sheet.rows)} of ${Text.number(meta.total)} rows. The other formats of the report have them all.`) : "",
      make("div", { class: "tools", role: "group", "aria-label": "Search and filters" },
        make("div", { class: "tool wide" }, make("label", { for: "search" }, "Search"), this.search),
        this.facets.map(({ tool }) => tool), this.all, this.clear),
      this.count,
      make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": meta.title }, this.table),
      make("div", { class: "foot" }, this.pager, make("div", { class: "tool" }, make("label", { for: "size" }, "Rows"), this.size)),
    );
  }

  /* A choice of values; none where there is nothing to choose. */
  facet(name, label) {
    const found = [...this.sheet.tally(name)].sort((one, two) => two[1] - one[1]);
    if (found.length < 2) return null;
    const kind = this.sheet.kinds.get(name);
    const values = found.slice(0, 1000).map(([value]) => value);
    if (name === "host_id") values.sort();
    const counts = new Map(found);
    const id = "facet-" + name;
    const select = make("select", { id, onchange: () => this.change("f." + name, select.value === "*" ? "" : select.value.slice(1)) },
      make("option", { value: "*" }, "all"),
      values.map((value) => make("option", { value: "=" + this.key(value) }, `${Text.of(value, kind) || "none"} (${Text.number(counts.get(value))})`)));
    return { name, select, tool: make("div", { class: "tool" }, make("label", { for: id }, label), select) };
  }

  /* A value as it stands in an address; nothing is "-", as an empty parameter means no filter. */
  key(value) {
    if (value === null || value === "") return "-";
    return String(value) === "-" ? "--" : String(value);
  }

  change(name, value, quiet) {
    const params = new Map(this.params);
    if (value) params.set(name, value);
    else params.delete(name);
    if (name !== "page") params.delete("page");
    this.go(params, quiet);
    if (name === "page") {
      this.element.querySelector(".scroll").scrollTop = 0;
      this.element.querySelector("h1").focus();
    }
  }

  reset() {
    this.go(new Map());
    this.search.focus();
  }

  go(params, quiet) {
    history[quiet ? "replaceState" : "pushState"](null, "", Address.of(this.slug, params));
    this.show(params);
    say(this.count.textContent);
  }

  sortBy(name) {
    const now = this.params.get("sort");
    this.change("sort", now === name ? "-" + name : now === "-" + name ? "" : name);
    this.head.querySelector(`[data-name="${name}"]`)?.focus();
  }

  show(params) {
    this.params = params;
    if (document.activeElement !== this.search) this.search.value = params.get("q") || "";
    for (const { name, select } of this.facets) {
      const value = params.get("f." + name);
      select.value = value === undefined ? "*" : "=" + value;
    }
    this.all.setAttribute("aria-pressed", params.get("all") ? "true" : "false");
    this.size.value = params.get("size") || "100";
    this.found = this.select();
    this.draw();
  }

  select() {
    const { sheet, params } = this;
    let rows = Array.from({ length: sheet.rows }, (_, row) => row);
    for (const [name, value] of params) {
      const get = name.startsWith("f.") && sheet.getters.get(name.slice(2));
      if (get) rows = rows.filter((row) => this.key(get(row)) === value);
    }
    const words = (params.get("q") || "").toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length) rows = sheet.search(rows, words);
    const sort = params.get("sort");
    return sort ? sheet.sorted(rows, sort.replace(/^-/, ""), sort.startsWith("-")) : rows;
  }

  draw() {
    const { sheet, params, found } = this;
    const size = Math.max(1, Number(this.size.value) || 100);
    const pages = Math.max(1, Math.ceil(found.length / size));
    const page = Math.min(pages, Math.max(1, Number(params.get("page")) || 1));
    const sort = params.get("sort") || "";
    const columns = sheet.meta.columns.filter(([name, , , , brief]) => brief || params.get("all") || sort.replace(/^-/, "") === name);
    this.head.replaceChildren(...columns.map(([name, label, kind]) => this.heading(name, label, kind, sort)));
    const rows = found.slice((page - 1) * size, page * size);
    this.body.replaceChildren(...rows.map((row) => make("tr", {}, columns.map(([name, , kind], at) => Cells.of(sheet, row, name, kind, at === 0)))));
    if (!rows.length) this.body.append(make("tr", {}, make("td", { class: "empty", colspan: columns.length }, sheet.rows ? "Nothing matches." : "There is nothing of this kind.")));
    const of = found.length === sheet.rows ? "" : ` of ${Text.number(sheet.rows)}`;
    this.count.textContent = `${Text.number(found.length)}${of} ${sheet.rows === 1 ? "row" : "rows"}`;
    this.turn(page, pages);
  }

  heading(name, label, kind, sort) {
    const is = sort === name ? "ascending" : sort === "-" + name ? "descending" : null;
    const sign = is === "ascending" ? "\u25b2" : is === "descending" ? "\u25bc" : "";
    return make("th", { scope: "col", "aria-sort": is, class: Cells.numeric(kind) ? "n" : null },
      make("button", { type: "button", "data-name": name, onclick: () => this.sortBy(name) }, label, make("span", { class: "sign", "aria-hidden": "true" }, sign)));
  }

  turn(page, pages) {
    const button = (label, to, name) => make("button", { type: "button", "aria-label": name, disabled: to < 1 || to > pages || to === page, onclick: () => this.change("page", String(to)) }, label);
    this.pager.replaceChildren(...(pages < 2 ? [] : [
      button("\u00ab", 1, "First page"), button("\u2039", page - 1, "Previous page"),
      make("span", {}, `Page ${Text.number(page)} of ${Text.number(pages)}`),
      button("\u203a", page + 1, "Next page"), button("\u00bb", pages, "Last page")]));
  }
}
