/* Which view is shown, and what is always there: the sections, the search, the theme. */

const Finder = {
  sheets: ["vms", "disks", "cds", "nics", "volumes", "hosts", "networks"],

  /* Things whose name or address has the text in it. */
  find(text, { vms, nics, volumes }, most) {
    const word = text.trim().toLowerCase();
    const found = [];
    if (!word) return found;
    const seen = new Set();
    const look = (sheet, names, kind, id, label) => {
      const tests = names.map((name) => sheet.matcher(name)(word));
      for (let row = 0; row < sheet.rows && found.length < most; row++) {
        if (!tests.some((test) => test(row))) continue;
        const key = kind + ":" + id(row);
        if (!seen.has(key)) found.push({ kind, id: key, label: label(row) });
        seen.add(key);
      }
    };
    look(vms, ["host_id"], "host", (row) => vms.cell(row, "host_id"), (row) => vms.cell(row, "host_id"));
    look(vms, ["name", "ip_addresses", "uuid", "domain_uuid", "title"], "vm", (row) => vms.cell(row, "uuid"), (row) => `${vms.cell(row, "name")} on ${vms.cell(row, "host_id")}`);
    look(nics, ["mac_address"], "vm", (row) => nics.cell(row, "vm_uuid"), (row) => `${nics.cell(row, "vm_name")} with ${nics.cell(row, "mac_address")}`);
    look(nics, ["network_name"], "network", (row) => nics.cell(row, "network_name"), (row) => nics.cell(row, "network_name"));
    look(volumes, ["name", "source", "path"], "volume", (row) => volumes.cell(row, "id"), (row) => volumes.cell(row, "source") || volumes.cell(row, "name"));
    return found;
  },

  /* Where something leads that was found. */
  href({ kind, id }) {
    const key = id.slice(kind.length + 1);
    return kind === "vm" || kind === "host" ? Address.of(kind, [], key) : Address.of("map", [["focus", id]]);
  },

  start() {
    const [input, list] = [byId("find"), byId("found")];
    let at = -1;
    const close = () => {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      at = -1;
    };
    const choose = (next) => {
      const options = [...list.children];
      if (!options.length) return;
      at = (next + options.length) % options.length;
      options.forEach((option, place) => option.setAttribute("aria-selected", place === at ? "true" : "false"));
      options[at].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", options[at].id);
    };
    const look = later(120, async () => {
      const around = await Surroundings.load();
      const found = Finder.find(input.value, around, 12);
      list.replaceChildren(...found.map((one, place) => make("li", { role: "option", id: "found-" + place, "aria-selected": "false", onclick: () => leave(place), onmousedown: (event) => event.preventDefault() }, make("span", { class: "kind" }, one.kind), make("bdi", {}, one.label))));
      [...list.children].forEach((option, place) => (option.dataset.href = Finder.href(found[place])));
      close();
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", found.length ? "true" : "false");
      if (input.value.trim()) say(found.length ? `${found.length} found` : "Nothing found");
    });
    const leave = (place) => {
      const option = list.children[place];
      if (!option) return;
      close();
      input.value = "";
      location.hash = option.dataset.href;
    };
    input.addEventListener("input", look);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      const work = { ArrowDown: () => choose(at + 1), ArrowUp: () => choose(at - 1), Enter: () => leave(Math.max(at, 0)), Escape: close }[event.key];
      if (!work || (list.hidden && event.key !== "Escape")) return;
      event.preventDefault();
      work();
    });
  },
};

const Theme = {
  start() {
    const root = document.documentElement;
    const dark = matchMedia("(prefers-color-scheme: dark)");
    try {
      const kept = localStorage.getItem("virtledger-theme");
      if (kept === "light" || kept === "dark") root.dataset.theme = kept;
    } catch {
      /* A browser may give a page of a file no storage: then the choice lasts as long as the page. */
    }
    byId("theme").addEventListener("click", () => {
      const now = root.dataset.theme || (dark.matches ? "dark" : "light");
      root.dataset.theme = now === "dark" ? "light" : "dark";
      say(`${root.dataset.theme} theme`);
      try {
        localStorage.setItem("virtledger-theme", root.dataset.theme);
      } catch {
        /* As above. */
      }
    });
  },
};

const Views = {
  turn: 0,
  table: null,

  async make({ name, key, params }) {
    if (name === "vm") return Detail.vm(key);
    if (name === "host") return Detail.host(key);
    if (name === "map") return PictureView.make(params.get("focus") || "");
    if (!Data.describe(name)) return Detail.nothing("page " + name);
    const table = new TableView(await Data.load(name));
    table.show(params);
    Views.table = table;
    return table.element;
  },

  async route(isFirst) {
    const address = Address.parse(location.hash);
    if (address.name === "main") return;
    const turn = ++Views.turn;
    const section = { vm: "vms", host: "hosts" }[address.name] || address.name;
    for (const link of document.querySelectorAll("#nav a")) {
      if (link.dataset.slug === section) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const [overview, view] = [byId("start"), byId("view")];
    if (Views.table && Views.table.slug === address.name && view.contains(Views.table.element)) {
      Views.table.show(address.params);
      return;
    }
    Views.table = null;
    const isOverview = address.name === "overview";
    view.setAttribute("aria-busy", "true");
    let element = null;
    try {
      element = isOverview ? null : await Views.make(address);
    } catch (error) {
      element = make("div", { class: "view" }, make("h1", { tabindex: "-1" }, "This cannot be shown"), make("p", {}, "DecompressionStream" in window ? String(error) : "This browser is too old: it cannot unpack the page's data."));
      console.error(error);
    }
    if (turn !== Views.turn) return;
    overview.hidden = !isOverview;
    view.hidden = isOverview;
    view.replaceChildren(...(element ? [element] : []));
    view.removeAttribute("aria-busy");
    const heading = (isOverview ? overview : view).querySelector("h1");
    document.title = (isOverview ? "" : heading.textContent + " \u2013 ") + Data.meta.title;
    if (isFirst) return;
    window.scrollTo(0, 0);
    heading.focus({ preventScroll: true });
  },
};

byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, select, textarea")) return;
  event.preventDefault();
  byId("find").focus();
});
window.addEventListener("popstate", () => Views.route(false));
Theme.start();
Finder.start();
Views.route(true).then(() => document.documentElement.setAttribute("data-ready", ""));
