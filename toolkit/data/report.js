"use strict";
(function () {
  const PAGE = 50;
  const el = (id) => document.getElementById(id);
  const form = el("filter");
  const names = JSON.parse(el("data").textContent);
  const keys = Object.keys(names.names);
  const chunks = new Map(); // number -> promise of its sentences
  let columns = null; // promise of the columns of all mentions
  let state = { vote: "1", sort: "low" };
  let hits = [];
  let page = 0;
  let turn = 0; // which of several searches is the latest

  // Packed parts are unpacked on first use: a large corpus must not hold up the page.
  async function unpack(id) {
    const packed = atob(el(id).textContent);
    const bytes = new Uint8Array(packed.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = packed.charCodeAt(i);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  }

  function load() {
    columns = columns || unpack("columns").then((data) => {
      data.place = new Map(data.id.map((id, i) => [id, i]));
      data.members = new Map();
      data.fold.forEach((fold, i) => data.members.has(fold) ? data.members.get(fold).push(i) : data.members.set(fold, [i]));
      return data;
    });
    return columns;
  }

  function chunkOf(data, sentence) {
    let low = 0, high = data.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (data.starts[middle] <= sentence) low = middle; else high = middle - 1;
    }
    return low;
  }

  async function sentences(data, wanted) {
    const needed = new Set(wanted.map((sentence) => chunkOf(data, sentence)));
    const parts = new Map();
    await Promise.all([...needed].map(async (k) => {
      if (!chunks.has(k)) chunks.set(k, unpack("chunk-" + k));
      parts.set(k, await chunks.get(k));
    }));
    return (sentence) => {
      const k = chunkOf(data, sentence);
      return parts.get(k)[sentence - data.starts[k]];
    };
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

  // The state of the filters, as the address writes it

  function parse(text) {
    const given = new URLSearchParams(text);
    const found = { vote: given.get("vote") === "0" ? "0" : "1", sort: given.get("sort") || "low" };
    for (const key of [...keys, "label", "task", "words", "from", "to", "story", "m", "page"]) {
      const values = given.getAll(key).filter((value) => value !== "");
      if (values.length) found[key] = values;
    }
    return found;
  }

  function write(values) {
    const parts = [];
    for (const [key, value] of Object.entries(values)) {
      if ((key === "vote" && value === "1") || (key === "sort" && value === "low")) continue;
      for (const one of [].concat(value)) parts.push(key + "=" + encodeURIComponent(one));
    }
    return parts.join("&");
  }

  function taskOf(values) {
    const task = values.task && values.task[0];
    return names.tasks.includes(task) ? task : names.tasks[0];
  }

  // Puts a state into the form; a choice of several outlets gets an entry of its own.
  function fill(values) {
    form.reset();
    form.querySelectorAll("option.several").forEach((node) => node.remove());
    const labels = names.labels[taskOf(values)];
    const select = form.elements.label;
    select.replaceChildren(new Option("all", ""), ...labels.map((name) => new Option(name, name)));
    for (const key of [...keys, "label", "task"]) {
      const chosen = values[key];
      if (!chosen || !form.elements[key]) continue;
      if (chosen.length > 1) {
        const option = new Option(chosen.join(" or "), JSON.stringify(chosen));
        option.className = "several";
        form.elements[key].add(option, 1);
        form.elements[key].value = option.value;
      } else form.elements[key].value = chosen[0];
    }
    form.elements.sort.value = values.sort;
    form.elements.vote.checked = values.vote === "1";
    if (form.elements.words) form.elements.words.value = values.words ? values.words[0] : "";
    const also = [];
    if (values.from || values.to) also.push("from " + (values.from || ["the beginning"])[0] + " to " + (values.to || ["the end"])[0]);
    if (values.story) also.push("one story alone");
    el("also").textContent = also.length ? "Also: " + also.join("; ") + "." : "";
  }

  function read() {
    const values = { vote: form.elements.vote.checked ? "1" : "0", sort: form.elements.sort.value };
    for (const key of [...keys, "label", "task"]) {
      const field = form.elements[key];
      if (!field || field.value === "") continue;
      const option = field.selectedOptions[0];
      values[key] = option.className === "several" ? JSON.parse(option.value) : [field.value];
    }
    if (values.task && values.task[0] === names.tasks[0]) delete values.task;
    const words = form.elements.words ? form.elements.words.value.trim() : "";
    if (words) values.words = [words];
    for (const key of ["from", "to", "story"]) if (state[key]) values[key] = state[key];
    return values;
  }

  // Which mentions a state asks for

  async function find(data, values) {
    const scores = data.tasks[taskOf(values)];
    const tests = [];
    for (const key of keys) {
      if (!values[key]) continue;
      const wanted = new Set(values[key].map((name) => names.names[key].indexOf(name)));
      tests.push((i) => wanted.has(data[key][i]));
    }
    if (values.label) {
      const wanted = new Set(values.label.map((name) => names.labels[taskOf(values)].indexOf(name)));
      tests.push((i) => wanted.has(scores.label[i]));
    }
    if (values.story) {
      const wanted = data.stories.indexOf(values.story[0]);
      tests.push((i) => data.story[i] === wanted);
    }
    if (values.vote === "1") tests.push((i) => scores.vote[i]);
    if (values.from || values.to) {
      const from = (values.from || [""])[0], to = (values.to || ["9999"])[0];
      const inside = data.articles.map((article) => article[0] !== "" && article[0] >= from && article[0] <= to);
      tests.push((i) => inside[data.article[i]]);
    }
    let found = [];
    for (let i = 0; i < data.id.length; i++) if (tests.every((test) => test(i))) found.push(i);
    if (values.words && names.text) {
      const words = values.words[0].toLowerCase();
      const text = await sentences(data, found.map((i) => data.sentence[i]));
      const known = new Map();
      found = found.filter((i) => {
        const at = data.sentence[i];
        if (!known.has(at)) known.set(at, text(at).toLowerCase().includes(words));
        return known.get(at);
      });
    }
    const value = (v, missing) => (v === null ? missing : v);
    const sure = scores.chances.map((chances) => Math.max(...chances, 0));
    const date = (i) => data.articles[data.article[i]][0] || "9999";
    const orders = {
      low: (a, b) => value(scores.score[a], 9) - value(scores.score[b], 9),
      high: (a, b) => value(scores.score[b], -9) - value(scores.score[a], -9),
      unsure: (a, b) => sure[a] - sure[b],
      date: (a, b) => (date(a) < date(b) ? -1 : date(a) > date(b) ? 1 : 0),
    };
    const order = orders[values.sort] || orders.low;
    found.sort((a, b) => order(a, b) || a - b);
    return found;
  }

  // The same sentence of one story is shown once; of several the one that the address names.
  function folded(data, found, linked) {
    const seen = new Set(), linkedFold = linked === undefined ? -1 : data.fold[linked];
    const shown = [];
    for (const i of found) {
      if (seen.has(data.fold[i])) continue;
      seen.add(data.fold[i]);
      shown.push(data.fold[i] === linkedFold && found.includes(linked) ? linked : i);
    }
    return shown;
  }

  // One mention

  function bar(chances, labels) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("class", "chances");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", labels.map((name, k) => name + " " + chances[k] + " %").join(", "));
    let x = 0;
    chances.forEach((chance, k) => {
      const part = document.createElementNS(space, "rect");
      part.setAttribute("class", "c" + (labels.length === 2 ? 2 * k : k % 6));
      part.setAttribute("x", x + "%");
      part.setAttribute("width", chance + "%");
      part.setAttribute("height", "100%");
      svg.append(part);
      x += chance;
    });
    return svg;
  }

  function source(data, i) {
    const article = data.articles[data.article[i]];
    if (!names.text) return make("bdi", "article " + article[3]);
    if (!article[2]) return make("bdi", article[1]);
    const link = make("a");
    link.append(make("bdi", article[1]));
    link.href = article[2]; // checked when the report was written: http or https
    link.rel = "noopener noreferrer";
    return link;
  }

  function item(data, i, text, values) {
    const task = taskOf(values), scores = data.tasks[task], labels = names.labels[task];
    const node = make("li");
    node.dataset.mention = data.id[i];
    if (names.text) {
      const quote = make("blockquote"), words = make("bdi"), sentence = text(data.sentence[i]);
      words.append(sentence.slice(0, data.start[i]), make("mark", sentence.slice(data.start[i], data.end[i])), sentence.slice(data.end[i]));
      quote.append(words);
      node.append(quote);
    }
    const meta = make("p", undefined, "meta");
    meta.append(bar(scores.chances[i], labels), make("b", scores.label[i] < 0 ? "not labelled" : labels[scores.label[i]], "label"));
    const voice = names.names.voice[data.voice[i]], reading = names.names.reading[data.reading[i]];
    const facts = [" " + signed(scores.score[i]) + " (" + labels.map((name, k) => name + " " + scores.chances[i][k] + " %").join(", ") + ")",
      "toward " + names.actors[data.actor[i]],
      voice === "outlet" ? "the outlet’s own words" : voice + (data.speaker[i] ? ", speaker: " + data.speaker[i] : "")];
    if (data.part[i]) facts.push("in the title");
    if (!scores.vote[i]) facts.push("no vote (" + reading + ", " + voice + ")");
    if (!names.text) facts.push(data.form[i] + ", characters " + data.start[i] + " to " + data.end[i] + " of the sentence");
    facts.push(names.names.outlet[data.outlet[i]]);
    if (data.articles[data.article[i]][0]) facts.push(data.articles[data.article[i]][0]);
    meta.append(facts.join(" · ") + " · ", source(data, i));
    for (const [what, who, label] of data.coded[i] || []) {
      meta.append(make("span", " · " + who + (names.tasks.length > 1 || what !== task ? " (" + what + ")" : "") + ": " + label, "coded"));
    }
    const self = make("a", "#", "self");
    self.href = "#" + write({ m: data.id[i], ...values, m: data.id[i] });
    self.setAttribute("aria-label", "link to this mention");
    meta.append(" · ", self);
    if (names.text && (data.before[i] || data.after[i])) meta.append(" ", neighbours(data, i, node));
    node.append(meta);
    const others = data.members.get(data.fold[i]).filter((other) => other !== i);
    if (others.length) node.append(copies(data, others));
    return node;
  }

  function neighbours(data, i, node) {
    const button = make("button", "Sentences around it", "quiet");
    button.type = "button";
    button.addEventListener("click", async () => {
      const around = [data.before[i], data.after[i]].map((step) => step ? data.sentence[i] + step : null);
      const text = await sentences(data, around.filter((at) => at !== null));
      const words = node.querySelector("blockquote > bdi");
      if (around[0] !== null) words.prepend(make("span", text(around[0]) + " ", "near"));
      if (around[1] !== null) words.append(make("span", " " + text(around[1]), "near"));
      button.remove();
      node.querySelector("a.self").focus({ preventScroll: true });
    });
    return button;
  }

  function copies(data, others) {
    const box = make("details"), list = make("ul");
    const outlets = [...new Set(others.map((i) => names.names.outlet[data.outlet[i]]))];
    box.append(make("summary", "The same sentence " + others.length.toLocaleString("en") + " more time" + (others.length > 1 ? "s" : "") + ": " + outlets.join(", ")), list);
    box.addEventListener("toggle", () => {
      if (list.childNodes.length) return;
      for (const i of others.slice(0, 200)) {
        const row = make("li", names.names.outlet[data.outlet[i]] + " · " + (data.articles[data.article[i]][0] || "no date") + " · ");
        row.append(source(data, i));
        list.append(row);
      }
    });
    return box;
  }

  // Searching and showing

  async function show(values, { focus = false } = {}) {
    const mine = ++turn;
    state = values;
    el("found").textContent = "Looking …";
    try {
      const data = await load();
      const linked = values.m ? data.place.get(values.m[0]) : undefined;
      const found = await find(data, values);
      if (mine !== turn) return;
      hits = folded(data, found, linked);
      const missing = values.m && (linked === undefined ? "There is no mention " + values.m[0] + ". " : "");
      if (linked !== undefined && !hits.includes(linked)) hits.unshift(linked);
      page = linked !== undefined ? Math.floor(hits.indexOf(linked) / PAGE) : Math.min(Math.max(0, (values.page ? Number(values.page[0]) || 1 : 1) - 1), Math.max(0, Math.ceil(hits.length / PAGE) - 1));
      const count = (n, one) => n.toLocaleString("en") + " " + one + (n === 1 ? "" : "s");
      await turnPage(values, data, mine);
      if (mine !== turn) return;
      el("found").textContent = (missing || "") + count(found.length, "mention") + ", " + count(new Set(found.map((i) => data.fold[i])).size, "different sentence") + ".";
      const target = linked === undefined ? null : document.querySelector("#results > li.linked");
      if (focus) {
        (target || el("h-evidence")).scrollIntoView({ block: target ? "center" : "start" });
        (target || el("h-evidence")).focus({ preventScroll: true });
      }
    } catch (error) {
      el("found").textContent = "This browser cannot unpack the sentences (" + error.message + "); a newer one can. Those below are a part of them.";
      document.documentElement.classList.remove("js");
    }
  }

  async function turnPage(values, data, mine) {
    const shown = hits.slice(page * PAGE, (page + 1) * PAGE);
    const text = names.text ? await sentences(data, shown.map((i) => data.sentence[i])) : null;
    if (mine !== turn) return;
    el("results").replaceChildren(...shown.map((i) => item(data, i, text, values)));
    el("results").start = page * PAGE + 1;
    const linked = values.m && [...el("results").children].find((node) => node.dataset.mention === values.m[0]);
    if (linked) {
      linked.className = "linked";
      linked.tabIndex = -1;
    }
    const pages = Math.ceil(hits.length / PAGE);
    el("pages").hidden = pages < 2;
    el("previous").disabled = page === 0;
    el("next").disabled = page >= pages - 1;
    el("page").textContent = (page * PAGE + 1).toLocaleString("en") + " to " + Math.min((page + 1) * PAGE, hits.length).toLocaleString("en") + " of " + hits.length.toLocaleString("en");
  }

  function changed() {
    const values = read();
    history.replaceState(null, "", "#" + (write(values) || "vote=1"));
    if (values.task || state.task) fill(values);
    return show(values);
  }

  async function step(by) {
    page += by;
    const values = { ...state };
    delete values.m;
    values.page = [String(page + 1)];
    state = values;
    history.replaceState(null, "", "#" + write(values));
    await turnPage(values, await load(), turn);
    el("h-evidence").scrollIntoView();
    el("h-evidence").focus({ preventScroll: true });
  }

  // An address leads to a part of the page, which may be folded, or to a state of the filters.
  function arrive() {
    const hash = location.hash.slice(1);
    if (!hash) return;
    if (hash.includes("=")) {
      const values = parse(hash);
      fill(values);
      show(values, { focus: true });
      return;
    }
    let id = hash;
    try { id = decodeURIComponent(hash); } catch (error) { /* as it stands */ }
    const target = el(id);
    if (id.startsWith("m-")) return void location.replace("#m=" + encodeURIComponent(id.slice(2)));
    if (!target) return;
    if (target.matches("details[data-find]")) return void location.replace("#" + (target.dataset.find || "vote=1"));
    const box = target.closest("details");
    if (box) box.open = true;
    target.scrollIntoView();
  }

  document.documentElement.classList.add("js");
  el("browser").hidden = false;
  document.querySelectorAll("a[data-find]").forEach((link) => {
    link.setAttribute("href", "#" + (link.dataset.find || "vote=1"));
    link.addEventListener("click", () => {
      el("back").hidden = false;
      if (link.getAttribute("href") === location.hash) arrive(); // the address stays, so nothing else would tell
    });
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); changed(); });
  form.addEventListener("change", changed);
  let waiting = 0;
  form.addEventListener("input", (event) => {
    if (event.target.name !== "words") return;
    clearTimeout(waiting);
    waiting = setTimeout(changed, 250);
  });
  el("clear").addEventListener("click", () => { state = { vote: "1", sort: "low" }; fill(state); changed(); });
  el("back").addEventListener("click", () => { el("back").hidden = true; history.back(); });
  el("previous").addEventListener("click", () => step(-1));
  el("next").addEventListener("click", () => step(1));
  // Who scrolls down to the sentences sees some without asking.
  new IntersectionObserver((entries, watcher) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    if (!turn) show(state);
  }).observe(el("browser"));
  // Once the page stands, the columns may be unpacked before anybody asks for them; a fault is told when somebody does.
  window.addEventListener("load", () => (window.requestIdleCallback || setTimeout)(() => load().catch(() => {})));
  window.addEventListener("hashchange", arrive);
  arrive();
})();
