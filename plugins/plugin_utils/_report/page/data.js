/* The data: each sheet is unpacked when it is first asked for. */

class Sheet {
  constructor(meta, block, machines) {
    Object.assign(this, { meta, rows: block.rows, machines, vm: block.vm, columns: block.columns });
    this.kinds = new Map(meta.columns.map(([name, , kind]) => [name, kind]));
    this.getters = new Map(meta.columns.map(([name]) => [name, this.getter(name)]));
  }

  getter(name) {
    const own = this.columns[name];
    if (own && own.places) return (row) => own.values[own.places[row]];
    if (own) return (row) => own[row];
    if (!this.vm || !this.machines) return () => null;
    const get = this.machines.getters.get({ vm_name: "name", vm_state: "state", vm_uuid: "uuid" }[name] || name);
    return (row) => (this.vm[row] < 0 ? null : get(this.vm[row]));
  }

  cell(row, name) {
    const get = this.getters.get(name);
    return get ? get(row) : null;
  }

  /* Different values of a column with how many rows have each. */
  tally(name) {
    const get = this.getters.get(name);
    const found = new Map();
    for (let row = 0; row < this.rows; row++) {
      const value = get(row);
      found.set(value, (found.get(value) || 0) + 1);
    }
    return found;
  }

  /* By value of a column, the rows that have it. */
  index(name) {
    this.indexes = this.indexes || new Map();
    if (!this.indexes.has(name)) {
      const get = this.getters.get(name);
      const found = new Map();
      for (let row = 0; row < this.rows; row++) {
        const value = get(row);
        if (value === null) continue;
        if (found.has(value)) found.get(value).push(row);
        else found.set(value, [row]);
      }
      this.indexes.set(name, found);
    }
    return this.indexes.get(name);
  }

  /* The same for a column whose cells name several things. */
  rowsNaming(name, value) {
    const get = this.getters.get(name);
    return Array.from({ length: this.rows }, (_, row) => row).filter((row) => (get(row) || "").split(/, | /).includes(value));
  }

  rowsOf(name, value) {
    return this.index(name).get(value) || [];
  }

  /* The rows in which every word occurs in some cell. */
  search(rows, words) {
    const tests = this.meta.columns.filter(([, , kind]) => kind === "text").map(([name]) => this.matcher(name));
    return words.reduce((left, word) => {
      const ready = tests.map((test) => test(word));
      return left.filter((row) => ready.some((test) => test(row)));
    }, rows);
  }

  matcher(name) {
    const own = this.columns[name];
    const get = this.getters.get(name);
    const has = (value, word) => value !== null && String(value).toLowerCase().includes(word);
    if (!own || !own.places) return (word) => (row) => has(get(row), word);
    return (word) => {
      const matches = own.values.map((value) => has(value, word));
      return (row) => matches[own.places[row]];
    };
  }

  sorted(rows, name, down) {
    const get = this.getters.get(name);
    if (!get) return rows;
    const numeric = !["text", "time"].includes(this.kinds.get(name));
    const order = new Intl.Collator("en", { numeric: true }).compare;
    const sign = down ? -1 : 1;
    const known = rows.filter((row) => get(row) !== null && get(row) !== "");
    const unknown = rows.filter((row) => get(row) === null || get(row) === "");
    const ranks = numeric ? null : new Map([...new Set(known.map(get))].sort(order).map((value, at) => [value, at]));
    const value = numeric ? get : (row) => ranks.get(get(row));
    known.sort((one, two) => sign * (value(one) - value(two)) || one - two);
    return known.concat(unknown);
  }
}

const Data = {
  meta: JSON.parse(byId("meta").textContent),
  promises: new Map(),

  describe: (slug) => Data.meta.sheets.find((sheet) => sheet.slug === slug),

  load(slug) {
    if (!Data.promises.has(slug)) Data.promises.set(slug, Data.unpack(slug));
    return Data.promises.get(slug);
  },

  loadAll: (slugs) => Promise.all(slugs.map(Data.load)),

  async unpack(slug) {
    const meta = Data.describe(slug);
    const element = byId("data-" + slug);
    const binary = atob(element.textContent);
    const bytes = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const block = JSON.parse(await new Response(stream).text());
    element.remove();
    return new Sheet(meta, block, meta.ofVm || slug === "findings" ? await Data.load("vms") : null);
  },
};
