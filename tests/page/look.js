// What a person would see and mind, as lists of lines: empty where all is well.
globalThis.look = (() => {
  const number = text => [...text.matchAll(/[\d.]+/g)].map(part => +part[0]);
  const colour = text => {
    const [r, g, b, a = 1] = number(text);
    return text === "none" || text === "transparent" ? [0, 0, 0, 0] : [r, g, b, a];
  };
  const over = (top, below, by = 1) => [0, 1, 2].map(i => top[i] * top[3] * by + below[i] * (1 - top[3] * by)).concat(1);
  const luminance = ([r, g, b]) => {
    const part = of => { const c = of / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = at => {
    const all = [];
    for (; at; at = at.parentElement) all.push(colour(getComputedStyle(at).backgroundColor));
    return all.reduceRight((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const opacity = at => {
    let all = 1;
    for (; at; at = at.parentElement) all *= +getComputedStyle(at).opacity;
    return all;
  };
  const seen = at => at.checkVisibility({ visibilityProperty: true }) && !at.closest(".vh");
  const words = root => {
    const all = [], walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) if (walker.currentNode.data.trim()) all.push(walker.currentNode);
    return all;
  };
  const called = at => at.nodeName.toLowerCase() + "." + (at.getAttribute("class") || "") + " `" + at.textContent.trim().slice(0, 50) + "`";

  // Text below 4.5, and what is drawn and means something below 3; grids and grounds only guide the eye.
  const pale = () => {
    const told = new Map();
    const mind = (at, what, found, least) => {
      if (found < least - 0.005) told.set(`${what}: ${at.nodeName.toLowerCase()}.${at.getAttribute("class") || ""}`, `${found.toFixed(2)} of ${called(at)}`);
    };
    for (const node of words(document.body)) {
      const at = node.parentElement;
      if (!seen(at) || at.closest("script,style,title,desc")) continue;
      const style = getComputedStyle(at), below = ground(at);
      mind(at, "text", ratio(over(colour(at.closest("svg") ? style.fill : style.color), below, opacity(at)), below), 4.5);
    }
    for (const at of document.querySelectorAll("svg path, svg polyline, svg rect")) {
      if (!seen(at) || at.matches(".g,.span,.dim,.dim *")) continue;
      const style = getComputedStyle(at), below = ground(at);
      const stroke = colour(style.stroke), fill = colour(style.fill), own = stroke[3] ? stroke : fill;
      mind(at, "mark", ratio(over(own, below, opacity(at)), below), 3);
    }
    return [...told].map(([what, one]) => what + " " + one);
  };

  // Words of a figure, also those that all courses of a page share.
  const written = svg => [svg, ...[...svg.querySelectorAll("use")].map(use => document.querySelector(use.getAttribute("href")))].flatMap(of => [...of.querySelectorAll("text")]);

  // What lies beyond the page's sides, or beyond its own box where that hides it.
  const cut = () => {
    const told = [], wide = innerWidth + 0.5;
    if (document.documentElement.scrollWidth > innerWidth) told.push(`the page is ${document.documentElement.scrollWidth} wide on ${innerWidth}`);
    for (const at of document.querySelectorAll("body *")) {
      if (!seen(at) || at.closest("svg")) continue;
      const box = at.getBoundingClientRect(), style = getComputedStyle(at);
      const scrolls = at.parentElement.closest(".scroll") && getComputedStyle(at.parentElement.closest(".scroll")).overflowX !== "visible";
      if (!scrolls && box.width && (box.right > wide || box.left < -0.5)) told.push(`${called(at)} ends at ${box.right.toFixed(0)} of ${innerWidth}`);
      if (["hidden", "clip"].includes(style.overflowX) && at.scrollWidth > at.clientWidth + 1) told.push(`${called(at)} is cut`);
    }
    for (const svg of document.querySelectorAll("svg:not(.shared)")) {
      if (!seen(svg)) continue;
      const own = svg.viewBox.baseVal;
      for (const at of written(svg)) {
        const box = at.getBBox();
        if (box.x < -0.5 || box.y < -0.5 || box.x + box.width > own.width + 0.5 || box.y + box.height > own.height + 0.5) told.push(`${called(at)} is beyond its figure`);
      }
    }
    return told;
  };

  // Words of a figure that lie on one another.
  const covered = () => {
    const told = [];
    for (const svg of document.querySelectorAll("svg:not(.shared)")) {
      if (!seen(svg)) continue;
      const all = written(svg).map(at => [at, at.getBBox()]);
      all.forEach(([one, a], i) => all.slice(i + 1).forEach(([other, b]) => {
        const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x), down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
        if (across > 1 && down > 4) told.push(`${called(one)} and ${called(other)} in ${document.getElementById(svg.getAttribute("aria-labelledby").split(" ")[0]).textContent}`);
      }));
    }
    return told;
  };

  // Frames whose reader cannot know that there is more of what they hold; and figures that could be drawn to fit and are not, or with letters too small to read.
  const unsaid = script => {
    const told = [];
    for (const frame of document.querySelectorAll(".scroll")) {
      if (!seen(frame)) continue;
      const note = frame.previousElementSibling, isNote = note && note.className === "beyond", shades = (getComputedStyle(frame).backgroundImage.match(/gradient/g) || []).length;
      const is = frame.getAttribute("aria-label"), beyond = frame.scrollWidth > frame.clientWidth + 8;
      if (beyond && shades !== 4) told.push(`no edge of ${is} is shaded`);
      if (beyond && script && !(isNote && seen(note) && /^Scroll sideways: /.test(note.textContent))) told.push(`nothing says that ${is} goes on`);
      if (!beyond && isNote && seen(note)) told.push(`${is} is said to go on`);
      if (beyond && frame.tabIndex !== 0) told.push(`no key reaches ${is}`);
      const shown = [...frame.querySelectorAll(":scope > svg")].filter(seen);
      if (frame.matches(".picture") && shown.length !== 1) told.push(`${shown.length} pictures of ${is}`);
      for (const svg of shown) {
        if (frame.matches(".picture") && beyond) told.push(`${is} does not fit`);
        const letters = 12 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
        if (letters < 9.5) told.push(`letters of ${letters.toFixed(1)} px in ${is}`);
      }
    }
    return told;
  };
  // Everything that is said, whether or not it is open.
  const said = () => words(document.body).filter(node => !node.parentElement.closest("script,style,.tools,.beyond,button.pin")).map(node => node.data.trim());
  const opened = () => document.querySelectorAll("details").forEach(one => { one.open = true; });
  return { pale, cut, covered, unsaid, said, opened, seen };
})();
0;
