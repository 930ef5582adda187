/* The picture: columns of things and lines between them, to zoom into and to move about. */

class Picture {
  static width = 210;
  static gap = 130;
  static line = 30;
  static titles = { network: "Networks", host: "Hosts", store: "Storage", vm: "VMs", volume: "Volumes" };

  constructor({ graph, columns, center }) {
    this.center = center;
    this.graph = graph;
    this.most = Math.max(1, ...[...graph.edges.values()].map(({ weight }) => weight));
    this.place(columns);
    this.lines = [...graph.edges.values()].map((edge) => ({ ...edge, path: this.draw(edge) }));
    this.svg = make("svg", { class: this.lines.length > 150 ? "map many" : "map", role: "group", "aria-label": "Picture of hosts, VMs, networks and volumes", tabindex: "0", onwheel: (event) => this.wheel(event), onpointerdown: (event) => this.grab(event), onkeydown: (event) => this.key(event) },
      make("g", { "aria-hidden": "true" }, this.lines.map(({ path }) => path)),
      make("g", { "aria-hidden": "true" }, this.heads), this.nodes.map((node) => this.box(node)));
    this.home();
  }

  /* Things that are connected come to lie near each other: each column follows the one before. */
  place(columns) {
    this.heads = [];
    this.nodes = [];
    const ranks = new Map();
    const near = new Map();
    for (const { from, to } of this.graph.edges.values()) {
      near.set(from, [...(near.get(from) || []), to]);
      near.set(to, [...(near.get(to) || []), from]);
    }
    const weight = (node) => {
      const known = (near.get(node) || []).map((other) => ranks.get(other)).filter((rank) => rank !== undefined);
      return known.length ? known.reduce((sum, rank) => sum + rank, 0) / known.length : Infinity;
    };
    const order = new Intl.Collator("en", { numeric: true }).compare;
    this.height = 0;
    const sizes = columns.map((kinds) => this.graph.of(kinds).length);
    const placed = [1, 0, 2].map((at) => [at, columns[at]]);
    for (const [at, kinds] of placed) {
      /* A short column is drawn out along the longest, so that its lines do not all come from one end. */
      const step = Math.min(3 * Picture.line, Math.max(Picture.line, (Math.max(...sizes) * Picture.line) / (sizes[at] + 1)));
      let y = 8;
      for (const kind of kinds) {
        const more = this.graph.nodes.get("more:" + kind);
        const nodes = this.graph.of([kind]).map((node) => [node, weight(node)]);
        nodes.sort(([one, a], [two, b]) => (a === b ? order(one.label, two.label) : a - b));
        const all = [...nodes.map(([node]) => node), ...(more ? [more] : [])];
        if (!all.length) continue;
        const x = at * (Picture.width + Picture.gap);
        this.heads.push(make("text", { class: "head", x, y: y + 14 }, Picture.titles[kind]));
        y += 24;
        for (const node of all) {
          Object.assign(node, { x, y, column: at });
          this.nodes.push(node);
          ranks.set(node, y);
          y += step;
        }
        y += 14;
      }
      this.height = Math.max(this.height, y);
    }
    this.nodes.sort((one, two) => one.column - two.column || one.y - two.y);
    this.width = 3 * Picture.width + 2 * Picture.gap;
  }

  box(node) {
    const { x, y, kind, label, detail } = node;
    const is = node.id === this.center;
    const count = this.lines.filter(({ from, to }) => from === node || to === node).length;
    const what = kind === "more" ? label : `${kind} ${label}${detail ? ", " + detail : ""}, ${count} ${count === 1 ? "connection" : "connections"}`;
    const href = is ? { vm: Address.of("vm", [], node.id.slice(3)), host: Address.of("host", [], node.id.slice(5)) }[kind] || "#map" : node.href;
    const room = detail ? 29 - detail.length : 27;
    return make("svg:a", { href, "aria-label": what, class: `node kind-${kind} ${kind === "vm" ? "state-" + detail : ""}${is ? " center" : ""}`, "aria-current": is ? "true" : null,
      onmouseenter: () => this.light(node), onmouseleave: () => this.light(null), onfocus: () => this.light(node), onblur: () => this.light(null) },
      make("title", {}, what),
      make("rect", { class: "box", x, y, width: Picture.width, height: 24, rx: 4 }),
      make("rect", { class: "mark", x, y, width: 5, height: 24, rx: 2 }),
      make("text", { x: x + 13, y: y + 16.5 }, Text.short(label, Math.max(8, room))),
      detail ? make("text", { class: "detail", x: x + Picture.width - 8, y: y + 16.5, "text-anchor": "end" }, detail) : null);
  }

  draw({ from, to, weight }) {
    const [left, right] = from.x < to.x ? [from, to] : [to, from];
    const [x1, y1, x2, y2] = [left.x + Picture.width, left.y + 12, right.x, right.y + 12];
    const bend = (x2 - x1) / 2;
    return make("path", { class: "edge", d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, "stroke-width": (0.7 + (this.most > 1 ? 3.3 * Math.sqrt(weight / this.most) : 0.6)).toFixed(1) });
  }

  light(node) {
    this.svg.classList.toggle("lit", Boolean(node));
    for (const { from, to, path } of this.lines) path.classList.toggle("on", from === node || to === node);
  }

  /* What of the picture is seen: its corner, and how large a unit is. */
  home() {
    this.view = { x: -12, y: -4, zoom: 1 };
    this.fit = true;
    this.show();
  }

  show() {
    const box = this.svg.getBoundingClientRect();
    const [width, height] = [box.width || 1000, box.height || 600];
    if (this.fit) {
      this.view.zoom = Math.min(1.15, width / (this.width + 24));
      this.svg.style.height = Math.max(200, (this.height + 8) * this.view.zoom) + "px";
    }
    const { x, y, zoom } = this.view;
    this.svg.setAttribute("viewBox", `${x} ${y} ${width / zoom} ${height / zoom}`);
  }

  zoom(factor, px, py) {
    const box = this.svg.getBoundingClientRect();
    const [ax, ay] = [px === undefined ? box.width / 2 : px - box.left, py === undefined ? box.height / 2 : py - box.top];
    const zoom = Math.min(4, Math.max(0.1, this.view.zoom * factor));
    this.view.x += ax / this.view.zoom - ax / zoom;
    this.view.y += ay / this.view.zoom - ay / zoom;
    this.view.zoom = zoom;
    this.fit = false;
    this.show();
  }

  pan(dx, dy) {
    this.view.x += dx / this.view.zoom;
    this.view.y += dy / this.view.zoom;
    this.show();
  }

  wheel(event) {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) this.zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, event.clientX, event.clientY);
    else this.pan(event.deltaX, event.deltaY);
  }

  grab(event) {
    if (event.button !== 0 || event.target.closest("a")) return;
    this.svg.setPointerCapture(event.pointerId);
    let [x, y] = [event.clientX, event.clientY];
    const move = (next) => {
      this.pan(x - next.clientX, y - next.clientY);
      [x, y] = [next.clientX, next.clientY];
    };
    const drop = () => {
      this.svg.removeEventListener("pointermove", move);
      this.svg.removeEventListener("pointerup", drop);
      this.svg.removeEventListener("pointercancel", drop);
    };
    this.svg.addEventListener("pointermove", move);
    this.svg.addEventListener("pointerup", drop);
    this.svg.addEventListener("pointercancel", drop);
  }

  key(event) {
    const work = { ArrowLeft: () => this.pan(-60, 0), ArrowRight: () => this.pan(60, 0), ArrowUp: () => this.pan(0, -60), ArrowDown: () => this.pan(0, 60), "+": () => this.zoom(1.25), "-": () => this.zoom(0.8), 0: () => this.home() }[event.key];
    if (!work || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    work();
  }
}

const PictureView = {
  async make(focus) {
    const around = await Surroundings.load();
    const shown = focus ? around.around(focus) : around.fleet();
    if (!shown) return Detail.nothing(focus.replace(":", " "));
    const picture = new Picture(shown);
    const button = (label, name, work) => make("button", { type: "button", "aria-label": name, onclick: work }, label);
    const at = focus ? focus.indexOf(":") : 0;
    const title = focus ? `${Picture.titles[focus.slice(0, at)].replace(/s$/, "")} ${around.name(focus.slice(0, at), focus.slice(at + 1))}` : "The whole fleet";
    const element = make("div", { class: "view" },
      make("h1", { tabindex: "-1" }, "Picture: ", make("bdi", {}, title)),
      make("div", { class: "tools" }, PictureView.search(around),
        make("div", { class: "tool row" }, button("+", "Zoom in", () => picture.zoom(1.25)), button("\u2212", "Zoom out", () => picture.zoom(0.8)), button("Fit", "Fit to the width", () => picture.home())),
        focus ? make("a", { class: "button", href: "#map" }, "Whole fleet") : null),
      make("p", { class: "count" }, focus ? "Follow a box to what surrounds it; the one in the middle leads to its details." : "Networks, hosts and storage. The thicker a line, the more NICs or disks. Follow a box to its VMs."),
      make("div", { class: "canvas" }, picture.svg),
      make("p", { class: "hint" }, "Drag or use the wheel to move, Ctrl and the wheel to zoom; with the keyboard: arrows, + and \u2212, 0."));
    new ResizeObserver(() => picture.show()).observe(picture.svg);
    return element;
  },

  search(around) {
    const list = make("datalist", { id: "things" });
    const found = new Map();
    const input = make("input", { type: "search", id: "focus", list: "things", autocomplete: "off", oninput: () => look() });
    const look = () => {
      const known = found.get(input.value);
      if (known) {
        location.hash = Address.of("map", [["focus", known]]);
        return;
      }
      found.clear();
      for (const { kind, id, label } of Finder.find(input.value, around, 30)) found.set(`${label} (${kind})`, id);
      list.replaceChildren(...[...found.keys()].map((value) => make("option", { value })));
    };
    return make("div", { class: "tool wide" }, make("label", { for: "focus" }, "Show the surroundings of"), input, list);
  },
};
