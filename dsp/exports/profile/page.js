"use strict";
(() => {
  const STEP = 24;
  const SVG = "http://www.w3.org/2000/svg";
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const columns = data.columns;

  // Names and values reach the page as text and attributes only, never as markup.
  const make = (name, attributes, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  };
  const draw = (name, attributes, ...children) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  };
  const count = (n) => n.toLocaleString("en-US");

  const histogram = (column) => {
    const most = Math.max(...column.h);
    const wide = 100 / column.h.length;
    const gap = Math.min(0.6, wide / 6);
    const svg = draw("svg", { class: "hist", viewBox: "0 0 100 64", preserveAspectRatio: "none", role: "img", "aria-label": `Histogram of ${column.n}` });
    column.h.forEach((n, i) => {
      const tall = n === 0 ? 0 : Math.max(1, (n / most) * 62);
      const bar = draw("rect", { x: i * wide + gap / 2, y: 63 - tall, width: wide - gap, height: tall });
      const ends = column.e.length > 2 ? `${column.e[i]} to ${column.e[i + 1]}: ` : "";
      bar.append(draw("title", {}, `${ends}${count(n)} ${n === 1 ? "row" : "rows"}`));
      svg.append(bar);
    });
    svg.append(draw("line", { class: "base", x1: 0, x2: 100, y1: 63.5, y2: 63.5 }));
    return svg;
  };

  const box = ([low, first, middle, third, high]) => {
    const at = (value) => value * 100;
    const svg = draw("svg", { class: "box", viewBox: "0 0 100 9", preserveAspectRatio: "none", "aria-hidden": "true" });
    svg.append(
      draw("line", { x1: at(low), x2: at(high), y1: 4.5, y2: 4.5 }),
      draw("rect", { x: at(first), y: 1.5, width: Math.max(0.5, at(third - first)), height: 6 }),
      draw("line", { class: "mid", x1: at(middle), x2: at(middle), y1: 0, y2: 9 }),
      draw("title", {}, "5 %, 25 %, 50 %, 75 % and 95 %"),
    );
    return svg;
  };

  const frequent = (values) => {
    const most = values[0][1];
    return make("ul", { class: "tops" }, ...values.map(([text, n, part]) => {
      const name = text === "" ? make("i", {}, "empty text") : make("b", { title: text }, text);
      const bar = draw("svg", { viewBox: "0 0 100 1", preserveAspectRatio: "none", "aria-hidden": "true" }, draw("rect", { width: (100 * n) / most, height: 1 }));
      return make("li", {}, bar, name, make("span", { title: `${count(n)} rows` }, part));
    }));
  };

  const PLAIN = ["number", "category"];
  const FIRST = ["Missing", "Distinct", "Mean", "Std dev", "Median", "Length"];
  // What is too long for half a card gets a line of its own, after the short ones.
  const isLong = ([label, text]) => label.length + text.length > 18;
  const facts = (pairs) => make("dl", { class: "facts" }, ...[...pairs.filter((pair) => !isLong(pair)), ...pairs.filter(isLong)].map((pair) =>
    make("div", isLong(pair) ? { class: "full" } : {}, make("dt", {}, pair[0]), make("dd", { title: pair[1] }, pair[1]))));

  const card = (column) => {
    const node = make("article", { class: "card" });
    const words = [column.f, column.r, column.s].filter((word, i, all) => word && !PLAIN.includes(word) && all.indexOf(word) === i);
    node.append(make("header", {}, make("h3", { title: column.n }, column.n), make("span", { class: "kind", title: `${column.t}, ${column.r}` }, words.join(" · "))));
    if (column.a) node.append(make("div", { class: "chips" }, ...column.a.map(([severity, text]) => make("span", { class: `chip ${severity}` }, text))));
    const listed = column.v && column.l;
    const drawn = !listed && column.h && column.h.some((n) => n > 0);
    if (drawn) {
      node.append(histogram(column));
      if (column.b) node.append(box(column.b));
      node.append(make("div", { class: "axis" }, make("span", {}, column.e[0]), make("span", {}, column.e[column.e.length - 1])));
    }
    if (listed) node.append(frequent(column.v));
    const all = data.labels.map((label, i) => [label, column.g[i] || ""]).filter(([, text]) => text !== "");
    node.append(facts([...all.filter(([label]) => FIRST.includes(label)), ...(column.k || [])]));
    const rest = all.filter(([label]) => !FIRST.includes(label));
    if (rest.length > 0 || column.q || (column.v && !listed)) {
      const more = make("details", {}, make("summary", {}, "More figures"));
      more.addEventListener("toggle", () => {
        if (more.children.length > 1) return;
        if (rest.length > 0) more.append(facts(rest));
        if (column.v && !listed) more.append(frequent(column.v));
        if (column.q) more.append(make("pre", { tabindex: "0" }, column.q));
      });
      node.append(more);
    }
    if (column.x) node.append(make("p", { class: "why" }, column.x));
    return node;
  };

  const cards = byId("cards");
  let chosen = columns;
  let n = 0;
  const more = () => {
    const next = chosen.slice(n, n + STEP);
    cards.append(...next.map(card));
    n += next.length;
  };
  const ORDERS = {
    n: (a, b) => a.n.localeCompare(b.n),
    m: (a, b) => b.m - a.m,
    d: (a, b) => b.d - a.d,
    a: (a, b) => (b.a || []).length - (a.a || []).length,
  };
  const show = () => {
    const wanted = byId("search").value.trim().toLocaleLowerCase();
    const role = byId("role").value;
    const family = byId("family").value;
    chosen = columns.filter((column) =>
      (!wanted || column.n.toLocaleLowerCase().includes(wanted))
      && (!role || column.r === role) && (!family || column.f === family));
    const order = ORDERS[byId("sort").value];
    if (order) chosen = [...chosen].sort(order);
    byId("found").textContent = chosen.length === columns.length ? "" : `${count(chosen.length)} of ${count(columns.length)}`;
    cards.replaceChildren();
    n = 0;
    more();
  };
  const fill = (id, key) => {
    for (const value of [...new Set(columns.map((column) => column[key]))].sort()) byId(id).append(make("option", { value }, value));
    byId(id).addEventListener("change", show);
  };
  fill("role", "r");
  fill("family", "f");
  byId("sort").addEventListener("change", show);
  byId("search").addEventListener("input", show);
  byId("tools").hidden = columns.length < 2;
  for (const link of document.querySelectorAll(".pick")) {
    link.addEventListener("click", () => {
      byId("role").value = "";
      byId("family").value = "";
      byId("search").value = link.dataset.name.replace(/…$/, "");
      show();
    });
  }
  show();
  // An observer hears of the end once while it stays near: draw until it is far again.
  const near = () => byId("end").getBoundingClientRect().top < window.innerHeight + 1200;
  const reach = () => { while (n < chosen.length && near()) more(); };
  new IntersectionObserver(reach, { rootMargin: "1200px" }).observe(byId("end"));
  window.addEventListener("scroll", reach, { passive: true });

  const heat = () => {
    const { names, measures, cells } = data.matrix;
    const size = names.length > 24 ? 16 : names.length > 14 ? 22 : 28;
    const longest = Math.min(22, Math.max(...names.map((name) => [...name].length)));
    const left = longest * 6.6 + 12;
    const cut = (name) => ([...name].length > 22 ? `${[...name].slice(0, 21).join("")}…` : name);
    const extent = names.length * size;
    const high = longest * 4.8 + 18;
    const svg = draw("svg", { width: left + extent + longest * 4.8 + 8, height: high + extent + 4, role: "img", "aria-label": "Strength of the relation of every pair of columns" });
    const said = make("p", {}, "Point at a cell to read it. Blue: together, or as strong; red: opposite.");
    const cell = (i, j, attributes, words) => {
      const square = draw("rect", { x: left + j * size, y: high + i * size, width: size, height: size, ...attributes });
      square.append(draw("title", {}, words));
      square.addEventListener("mouseenter", () => { said.textContent = words; });
      svg.append(square);
    };
    names.forEach((name, i) => {
      svg.append(draw("text", { x: left - 6, y: high + i * size + size / 2 + 4, "text-anchor": "end" }, cut(name)));
      const x = left + i * size + size / 2;
      svg.append(draw("text", { x, y: high - 6, transform: `rotate(-45 ${x} ${high - 6})` }, cut(name)));
      cell(i, i, { class: "cell self" }, name);
    });
    const known = new Map(cells.map(([i, j, m, value]) => [i * names.length + j, [m, value]]));
    for (let i = 0; i < names.length; i += 1) {
      for (let j = i + 1; j < names.length; j += 1) {
        const found = known.get(i * names.length + j);
        const words = `${names[i]} ~ ${names[j]}: ${found ? `${measures[found[0]]} ${found[1].toFixed(2).replace("-", "−")}` : "not measured"}`;
        const look = found
          ? { class: `cell ${found[1] < 0 ? "down" : "up"}`, "fill-opacity": Math.max(0.04, Math.abs(found[1])).toFixed(3) }
          : { class: "cell none" };
        cell(i, j, look, words);
        cell(j, i, look, words);
      }
    }
    byId("heat").append(svg, said);
    byId("heat").hidden = false;
  };
  if (data.matrix.names && byId("heat")) heat();

  const theme = byId("theme");
  const dark = () => (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const label = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    label();
  });
  theme.hidden = false;
  label();
})();
