"use strict";
(() => {
  const state = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  const keep = () => {
    const text = state.toString();
    history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
  };
  const set = (key, value) => { value ? state.set(key, value) : state.delete(key); keep(); };
  const table = document.querySelector("table[data-id=treatments]");
  const open = id => {
    let at = document.getElementById(id);
    const more = at && at.nextElementSibling && at.nextElementSibling.querySelector("details");
    if (more) more.open = true;
    for (; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  };
  const follow = () => { const id = location.hash.slice(1); if (id && !id.includes("=")) { open(id); const at = document.getElementById(id); if (at) { tell(frames); at.scrollIntoView(); } } };
  addEventListener("hashchange", follow);
  // Rows lead where dots do: a keyboard need not walk through hundreds of them.
  for (const dot of document.querySelectorAll("figure svg a")) dot.setAttribute("tabindex", "-1");
  // What lies beyond the sides of a frame is counted: an edge that is shaded says only that there is something.
  const columns = n => n + (n === 1 ? " column" : " columns");
  const beyond = frame => {
    if (!(frame.scrollWidth > frame.clientWidth + 8)) return "";
    const box = frame.getBoundingClientRect(), all = [...frame.querySelectorAll(":scope > table > thead th")].map(head => head.getBoundingClientRect());
    const right = all.filter(head => head.right > box.right + 1).length, left = all.filter(head => box.left - 1 > head.left).length;
    const parts = [left && columns(left) + " on the left", right && columns(right) + " on the right"].filter(Boolean).join(", ");
    return "Scroll sideways: " + (parts || "it is wider than its frame");
  };
  // All are measured before any is written: a page has hundreds of them.
  // What is closed is left alone: asking for its size would lay it out.
  const tell = frames => frames.filter(frame => frame.checkVisibility()).map(frame => [frame.previousElementSibling, beyond(frame)]).forEach(([note, text]) => { note.hidden = !text; note.textContent = text; });
  const frames = [...document.querySelectorAll(".scroll")];
  for (const frame of frames) {
    const note = document.createElement("p");
    note.className = "beyond";
    note.hidden = true;
    frame.before(note);
    frame.addEventListener("scroll", () => tell([frame]), { passive: true });
  }
  tell(frames);
  const sized = new ResizeObserver(all => tell([...new Set(all.map(one => one.target.closest(".scroll")))]));
  frames.forEach(frame => [frame, frame.firstElementChild].forEach(one => sized.observe(one)));
  if (!table) { follow(); return; }
  const bodies = [...table.tBodies], heads = [...table.tHead.rows[0].cells];
  const rank = cell => {
    const text = cell.textContent.replace(/\[\d+\]/g, "").trim(), number = parseFloat(text.replace(/^[>≥≤$ ]+/, ""));
    return Number.isNaN(number) ? text : number;
  };
  const sort = (at, down) => {
    const of = body => rank(body.rows[0].cells[at]);
    const by = (a, b) => { const [x, y] = [of(a), of(b)]; return typeof x === typeof y ? (x < y ? -1 : x > y ? 1 : 0) : typeof x === "number" ? -1 : 1; };
    [...bodies].sort((a, b) => down ? by(b, a) : by(a, b)).forEach(body => table.append(body));
    heads.forEach((head, i) => i === at ? head.setAttribute("aria-sort", down ? "descending" : "ascending") : head.removeAttribute("aria-sort"));
  };
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.onclick = () => { const down = head.getAttribute("aria-sort") === "ascending"; sort(at, down); set("sort", at + (down ? "d" : "a")); };
  });
  const tools = document.createElement("p"), label = document.createElement("label"), input = document.createElement("input"), count = document.createElement("span");
  tools.className = "tools";
  input.type = "search";
  count.setAttribute("role", "status");
  label.append("Filter ", input);
  tools.append(label, count);
  table.parentElement.previousElementSibling.before(tools);
  const filter = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const body of bodies) {
      const text = [...body.rows[0].cells].map((cell, at) => heads[at].textContent + " " + cell.textContent).join(" ").toLowerCase();
      body.hidden = !words.every(word => text.includes(word));
      shown += !body.hidden;
    }
    count.textContent = words.length ? shown + " of " + bodies.length : "";
  };
  input.oninput = () => { filter(); set("filter", input.value); };
  const pin = slug => {
    document.body.classList.toggle("pinned", !!slug);
    for (const body of bodies) {
      const own = body.dataset.of === slug;
      body.classList.toggle("pin", own);
      body.querySelector("button.pin").setAttribute("aria-pressed", own);
    }
    const own = bodies.find(body => body.dataset.of === slug);
    for (const dot of document.querySelectorAll("figure a[href^='#t']")) dot.classList.toggle("dim", !(own && own.querySelector(dot.getAttribute("href"))));
    for (const part of document.querySelectorAll("g[data-of]")) part.classList.toggle("dim", part.dataset.of !== slug);
  };
  for (const body of bodies) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "pin";
    button.textContent = "pin";
    button.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-label", "Pin in all figures");
    button.onclick = () => { const slug = button.getAttribute("aria-pressed") === "true" ? "" : body.dataset.of; pin(slug); set("pin", slug); };
    const summary = body.querySelector("summary");
    (summary ? summary.parentElement.parentElement : body.rows[0].cells[0]).prepend(button);
  }
  const sorted = /^(\d+)([ad])$/.exec(state.get("sort") || "");
  if (sorted && heads[+sorted[1]]) sort(+sorted[1], sorted[2] === "d");
  if (state.get("filter")) { input.value = state.get("filter"); filter(); }
  if (bodies.some(body => body.dataset.of === state.get("pin"))) pin(state.get("pin"));
  follow();
})();
