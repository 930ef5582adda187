/* What is connected with what: the whole fleet by its hosts, or the surroundings of one thing. */

class Graph {
  constructor() {
    this.nodes = new Map();
    this.edges = new Map();
  }

  node(kind, name, label, detail, href) {
    const id = kind + ":" + name;
    if (!this.nodes.has(id)) {
      this.nodes.set(id, { id, kind, label: label || name, detail: detail || "", href: href || Address.of("map", [["focus", id]]), degree: 0 });
    }
    return this.nodes.get(id);
  }

  link(one, other) {
    const key = one.id + "\n" + other.id;
    const edge = this.edges.get(key) || { from: one, to: other, weight: 0 };
    edge.weight += 1;
    this.edges.set(key, edge);
    one.degree += 1;
    other.degree += 1;
  }

  of(kinds) {
    return [...this.nodes.values()].filter((node) => kinds.includes(node.kind));
  }

  /* Keep the nodes with the most connections; the others become one that stands for them. */
  limit(kind, most, href, what) {
    const all = this.of([kind]).sort((one, two) => two.degree - one.degree);
    const rest = all.slice(most);
    if (rest.length < 2) return;
    const more = this.node("more", kind, `${Text.number(rest.length)} more ${what}`, "", href);
    for (const node of rest) this.nodes.delete(node.id);
    for (const [key, { from, to, weight }] of [...this.edges]) {
      if (!rest.includes(from) && !rest.includes(to)) continue;
      this.edges.delete(key);
      for (let at = 0; at < weight; at++) this.link(rest.includes(from) ? more : from, rest.includes(to) ? more : to);
    }
  }
}

/* Reads graphs out of the sheets. */
class Surroundings {
  static sheets = ["vms", "disks", "cds", "nics", "volumes"];
  static most = 60;

  static async load() {
    const [vms, disks, cds, nics, volumes] = await Data.loadAll(Surroundings.sheets);
    return Object.assign(new Surroundings(), { vms, disks, cds, nics, volumes });
  }

  /* The network of a NIC: libvirt's, else what it is plugged into; functions of PCI devices are one. */
  network(row) {
    const name = this.nics.cell(row, "network_name");
    const type = this.nics.cell(row, "source_type");
    if (name) return name;
    return type === "hostdev" ? "passed through" : [type, this.nics.cell(row, "source_ref")].filter(Boolean).join(" ") || "none";
  }

  /* Where a disk's volume is: its pool, else what kind of source it has. */
  store(sheet, row) {
    const [volume] = this.volumes.rowsOf("id", sheet.cell(row, "volume_id"));
    const pool = volume === undefined ? null : this.volumes.cell(volume, "pool_name");
    if (pool) return "pool " + pool;
    const source = sheet.cell(row, "source_ref") || "";
    const scheme = /^([a-z+]+):\/\//.exec(source);
    return scheme ? scheme[1] : sheet.cell(row, "source_type") || "none";
  }

  name(kind, key) {
    const found = { vm: () => this.vms.rowsOf("uuid", key)[0], volume: () => this.volumes.rowsOf("id", Number(key))[0] }[kind]?.();
    if (found === undefined) return key;
    return (kind === "vm" ? this.vms : this.volumes).cell(found, "name") || (kind === "volume" && this.volumes.cell(found, "source")) || key;
  }

  /* Networks, hosts and stores, with how many NICs and disks connect them. */
  fleet() {
    const graph = new Graph();
    const host = (id) => graph.node("host", id);
    for (const [id, count] of this.vms.tally("host_id")) if (id !== null) host(id).detail = `${Text.number(count)} VMs`;
    for (let row = 0; row < this.nics.rows; row++) graph.link(graph.node("network", this.network(row)), host(this.nics.cell(row, "host_id")));
    for (let row = 0; row < this.disks.rows; row++) {
      graph.link(host(this.disks.cell(row, "host_id")), graph.node("store", this.store(this.disks, row)));
    }
    for (const node of graph.of(["network"])) node.detail = `${Text.number(node.degree)} NICs`;
    for (const node of graph.of(["store"])) node.detail = `${Text.number(node.degree)} disks`;
    graph.limit("host", Surroundings.most, "#hosts", "hosts");
    graph.limit("network", Surroundings.most, "#networks", "networks");
    graph.limit("store", Surroundings.most, "#pools", "stores");
    return { graph, columns: [["network"], ["host"], ["store"]], center: null };
  }

  around(id) {
    const at = id.indexOf(":");
    const [kind, key] = [id.slice(0, at), id.slice(at + 1)];
    const graph = new Graph();
    const found = this[{ vm: "aroundVm", host: "aroundHost", network: "aroundNetwork", volume: "aroundVolume", store: "aroundStore" }[kind]]?.(graph, key);
    return found && graph.nodes.has(id) ? { graph, columns: [["host", "network"], ["vm"], ["volume", "store"]], center: id } : null;
  }

  vm(graph, row, isWhole) {
    const [uuid, host] = [this.vms.cell(row, "uuid"), this.vms.cell(row, "host_id")];
    const node = graph.node("vm", uuid, this.vms.cell(row, "name") || uuid, this.vms.cell(row, "state"));
    if (host !== null) graph.link(graph.node("host", host), node);
    if (isWhole) for (const nic of this.nics.rowsOf("vm_uuid", uuid)) graph.link(graph.node("network", this.network(nic)), node);
    return node;
  }

  /* The disks of a VM; `which` chooses between a volume of its own, its store, or nothing. */
  attach(graph, row, node, which) {
    for (const sheet of [this.disks, this.cds]) {
      for (const disk of sheet.rowsOf("vm_uuid", this.vms.cell(row, "uuid"))) {
        const volume = sheet.cell(disk, "volume_id");
        if (volume === null) continue;
        const kind = which(volume, sheet.cell(disk, "vm_count"), this.store(sheet, disk));
        if (kind === "volume") graph.link(node, graph.node("volume", String(volume), this.name("volume", volume), sheet.cell(disk, "vm_count") > 1 ? `${sheet.cell(disk, "vm_count")} VMs` : ""));
        if (kind === "store") graph.link(node, graph.node("store", this.store(sheet, disk)));
      }
    }
  }

  /* Some VMs, and what of them does not fit. */
  some(graph, uuids, href, each) {
    const rows = [...new Set(uuids)].map((uuid) => this.vms.rowsOf("uuid", uuid)[0]).filter((row) => row !== undefined);
    rows.slice(0, Surroundings.most).forEach(each);
    if (rows.length > Surroundings.most) graph.node("more", "vm", `${Text.number(rows.length - Surroundings.most)} more VMs`, "", href);
    return rows.length > 0;
  }

  aroundVm(graph, uuid) {
    const [row] = this.vms.rowsOf("uuid", uuid);
    if (row === undefined) return false;
    this.attach(graph, row, this.vm(graph, row, true), () => "volume");
    const volumes = graph.of(["volume"]).map((node) => Number(node.id.slice(7)));
    const peers = [this.disks, this.cds].flatMap((sheet) => volumes.flatMap((volume) => sheet.rowsOf("volume_id", volume).map((disk) => sheet.cell(disk, "vm_uuid"))));
    const others = peers.filter((peer) => peer !== uuid);
    this.some(graph, others, "#disks", (peer) => this.attach(graph, peer, this.vm(graph, peer, false), (volume) => (volumes.includes(volume) ? "volume" : null)));
    return true;
  }

  aroundHost(graph, id) {
    const uuids = this.vms.rowsOf("host_id", id).map((row) => this.vms.cell(row, "uuid"));
    return this.some(graph, uuids, Address.of("vms", [["f.host_id", id]]), (row) =>
      this.attach(graph, row, this.vm(graph, row, true), (_volume, users) => (users > 1 ? "volume" : "store")));
  }

  aroundNetwork(graph, name) {
    const rows = Array.from({ length: this.nics.rows }, (_, row) => row).filter((row) => this.network(row) === name);
    const href = Address.of("nics", [["f.network_name", name]]);
    return this.some(graph, rows.map((row) => this.nics.cell(row, "vm_uuid")), href, (row) => graph.link(graph.node("network", name), this.vm(graph, row, false)));
  }

  aroundVolume(graph, id) {
    const [volume] = this.volumes.rowsOf("id", Number(id));
    if (volume === undefined) return false;
    graph.node("volume", id, this.name("volume", id));
    const uuids = [this.disks, this.cds].flatMap((sheet) => sheet.rowsOf("volume_id", Number(id)).map((row) => sheet.cell(row, "vm_uuid")));
    this.some(graph, uuids, "#disks", (row) => this.attach(graph, row, this.vm(graph, row, true), (one) => (String(one) === id ? "volume" : null)));
    return true;
  }

  aroundStore(graph, name) {
    const uuids = [];
    for (let row = 0; row < this.disks.rows; row++) if (this.store(this.disks, row) === name) uuids.push(this.disks.cell(row, "vm_uuid"));
    return this.some(graph, uuids, "#disks", (row) => this.attach(graph, row, this.vm(graph, row, false), (_volume, _users, store) => (store === name ? "store" : null)));
  }
}
