/* What every part uses: elements, addresses, values as people read them. */

const byId = (id) => document.getElementById(id);

/* An element; texts only ever become text nodes. */
function make(tag, attributes, ...children) {
  const drawn = ["svg", "g", "path", "rect", "text", "title", "svg:a"].includes(tag);
  const element = drawn ? document.createElementNS("http://www.w3.org/2000/svg", tag.replace("svg:", "")) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/* The address of this page's part: a name, a key (vm=...) and parameters. */
const Address = {
  parse(hash) {
    const text = hash.replace(/^#/, "");
    const mark = text.indexOf("?");
    const path = mark < 0 ? text : text.slice(0, mark);
    const params = new Map(new URLSearchParams(mark < 0 ? "" : text.slice(mark + 1)));
    const equals = path.indexOf("=");
    let key = equals < 0 ? "" : path.slice(equals + 1);
    try {
      key = decodeURIComponent(key);
    } catch {
      /* Not an address that this page made: it leads nowhere, as it is. */
    }
    return { name: (equals < 0 ? path : path.slice(0, equals)) || "overview", key, params };
  },
  of(name, params, key) {
    const path = key === undefined || key === "" ? name : name + "=" + encodeURIComponent(key);
    const pairs = [...(params || [])].filter(([, value]) => value !== undefined && value !== null);
    const query = pairs.map(([one, value]) => encodeURIComponent(one) + "=" + encodeURIComponent(value)).join("&");
    return "#" + path + (query ? "?" + query : "");
  },
};

const Text = {
  format: new Intl.NumberFormat("en"),
  units: ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"],
  number: (value) => Text.format.format(value),
  bytes(value) {
    let unit = 0;
    while (Math.abs(value) >= 1024 && unit < Text.units.length - 1) {
      value /= 1024;
      unit += 1;
    }
    return value.toFixed(value >= 100 || unit === 0 ? 0 : 1) + " " + Text.units[unit];
  },
  of(value, kind) {
    if (value === null || value === undefined || value === "") return "";
    if (kind === "bytes") return Text.bytes(value);
    if (kind === "flag") return value ? "yes" : "no";
    if (kind === "time") return value.replace("T", " ").replace("Z", "");
    return kind === "number" ? Text.number(value) : String(value);
  },
  short: (text, length) => (text.length > length ? text.slice(0, length - 1) + "\u2026" : text),
};

/* Tell a screen reader. */
function say(text) {
  byId("said").textContent = text;
}

function later(milliseconds, work) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), milliseconds);
  };
}
