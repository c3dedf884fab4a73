"use strict";
(function () {
  const PAGE = 50;
  const form = document.getElementById("filter");
  const list = document.getElementById("results");
  const found = document.getElementById("found");
  const more = document.getElementById("more");
  let data = null;
  let hits = [];
  let shown = 0;

  // Parsed on first use: a large corpus must not hold up the page.
  function load() {
    if (data) return data;
    data = JSON.parse(document.getElementById("data").textContent);
    data.search = data.text.map((parts) => parts.join("").toLowerCase());
    return data;
  }

  function make(tag, text, className) {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    if (className) node.className = className;
    return node;
  }

  function signed(value) {
    return value === null ? "–" : value.toFixed(2).replace("-", "−").replace("−0.00", "0.00");
  }

  function item(i) {
    const article = data.articles[data.article[i]];
    const node = make("li");
    if (!document.getElementById("m-" + data.id[i])) node.id = "m-" + data.id[i];
    const quote = make("blockquote");
    const words = make("bdi", data.text[i][0]);
    words.append(make("mark", data.text[i][1]), data.text[i][2]);
    quote.append(words);
    const meta = make("p", undefined, "meta");
    const chances = data.labels.map((name, k) => name + " " + data.chances[i][k] + " %").join(", ");
    const said = data.voice[i] === 0 ? "the outlet’s own words"
      : data.voices[data.voice[i]] + (data.speaker[i] ? ", speaker: " + data.speaker[i] : "");
    const facts = [" " + signed(data.score[i]) + " (" + chances + ")", "toward " + data.actors[data.actor[i]], said];
    if (data.part[i]) facts.push("in the title");
    if (!data.counted[i]) facts.push("no vote (" + data.readings[data.reading[i]] + ", " + data.voices[data.voice[i]] + ")");
    facts.push(data.outlets[data.outlet[i]]);
    if (article[0]) facts.push(article[0]);
    meta.append(make("b", data.label[i] < 0 ? "not labelled" : data.labels[data.label[i]], "label"));
    meta.append(facts.join(" · ") + " · ");
    if (article[2]) {
      const link = make("a", article[1]);
      link.href = article[2]; // checked when the report was written: http or https
      link.rel = "noopener noreferrer";
      meta.append(link);
    } else meta.append(make("bdi", article[1]));
    const others = (data.printed[data.fold[i]] || []).filter((o) => o !== data.outlet[i]).map((o) => data.outlets[o]);
    if (others.length) meta.append(" · also printed by " + others.join(", "));
    const self = make("a", "#", "self");
    self.href = "#m-" + data.id[i];
    self.setAttribute("aria-label", "link to this mention");
    meta.append(" · ", self);
    node.append(quote, meta);
    return node;
  }

  function search() {
    load();
    const wanted = {};
    for (const name of ["outlet", "actor", "voice", "reading", "label"]) {
      if (form.elements[name].value !== "") wanted[name] = Number(form.elements[name].value);
    }
    const words = form.elements.words.value.trim().toLowerCase();
    const voting = form.elements.counted.checked;
    const seen = new Set();
    hits = [];
    for (let i = 0; i < data.id.length; i++) {
      if (voting && !data.counted[i]) continue;
      if (Object.keys(wanted).some((name) => data[name][i] !== wanted[name])) continue;
      if (words && !data.search[i].includes(words)) continue;
      hits.push(i);
    }
    const total = hits.length;
    const sure = (i) => Math.max.apply(null, data.chances[i].concat(0));
    const date = (i) => data.articles[data.article[i]][0] || "9999";
    const order = {
      low: (a, b) => data.score[a] - data.score[b],
      high: (a, b) => data.score[b] - data.score[a],
      unsure: (a, b) => sure(a) - sure(b),
      date: (a, b) => (date(a) < date(b) ? -1 : date(a) > date(b) ? 1 : 0),
    }[form.elements.sort.value];
    hits.sort((a, b) => order(a, b) || a - b);
    hits = hits.filter((i) => !seen.has(data.fold[i]) && seen.add(data.fold[i]));
    list.replaceChildren();
    shown = 0;
    found.textContent = total.toLocaleString("en") + " mentions, " + hits.length.toLocaleString("en") + " different sentences";
    next();
  }

  function next() {
    const part = document.createDocumentFragment();
    for (const i of hits.slice(shown, shown + PAGE)) part.append(item(i));
    list.append(part);
    shown = Math.min(shown + PAGE, hits.length);
    more.hidden = shown >= hits.length;
  }

  // An address leads to a part that may be folded, or to a mention that stands only in the data.
  function arrive() {
    let id = "";
    try { id = decodeURIComponent(location.hash.slice(1)); } catch (error) { return; }
    if (!id) return;
    let target = document.getElementById(id);
    if (!target && id.startsWith("m-")) {
      load();
      const at = data.id.indexOf(id.slice(2));
      if (at < 0) return;
      list.replaceChildren(item(at));
      found.textContent = "1 mention";
      hits = [at];
      shown = 1;
      more.hidden = true;
      target = list.firstChild;
    }
    if (!target) return;
    const box = target.closest("details");
    if (box) box.open = true;
    target.scrollIntoView();
    const summary = target.querySelector(":scope > summary");
    if (summary) summary.focus({ preventScroll: true });
  }

  document.querySelectorAll(".noscript").forEach((node) => node.remove());
  form.hidden = false;
  form.addEventListener("submit", (event) => { event.preventDefault(); search(); });
  form.addEventListener("change", () => { if (shown || hits.length) search(); });
  more.addEventListener("click", next);
  document.querySelectorAll("button.all").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      const cell = button.closest("details");
      form.reset();
      for (const name of ["outlet", "actor"]) form.elements[name].value = cell.dataset[name] === undefined ? "" : cell.dataset[name];
      search();
      form.scrollIntoView();
      form.elements.outlet.focus({ preventScroll: true });
    });
  });
  window.addEventListener("hashchange", arrive);
  arrive();
})();
