// What a reader of the preview would trip over, as plain data. Rectangles are in CSS pixels of the window.
(() => {
  const shown = (node) => { const r = node.getBoundingClientRect(); return r.width > 0 && r.height > 0; };
  const within = (inner, outer, slack) => inner.left >= outer.left - slack && inner.right <= outer.right + slack;
  const inside = (inner, outer, slack) => within(inner, outer, slack)
    && inner.top >= outer.top - slack && inner.bottom <= outer.bottom + slack;
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
  const found = { titles: [], charts: 0, escaped: [], overlaps: [], smallest: 99, cut: [] };
  for (const panel of document.querySelectorAll("article")) {
    const title = panel.querySelector("h3");
    if (shown(title)) found.titles.push(`${panel.closest("section").id}/${title.textContent}`);
    const box = panel.getBoundingClientRect();
    const pieces = [...panel.querySelectorAll("h3, svg, .stat b, .stat small, .empty, .failed")].filter(shown);
    for (const one of pieces)
      if (!inside(one.getBoundingClientRect(), box, 1)) found.escaped.push(`${title.textContent}: ${one.textContent.slice(0, 40)}`);
    const body = panel.querySelector(".body");
    if (!panel.querySelector("table") && (body.scrollHeight > body.clientHeight + 1 || body.scrollWidth > body.clientWidth + 1))
      found.cut.push(title.textContent);
    for (const chart of panel.querySelectorAll("svg")) {
      if (!shown(chart)) continue;
      found.charts += 1;
      const places = [...chart.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
      for (const [text, place] of places) {
        if (!inside(place, chart.getBoundingClientRect(), 2)) found.escaped.push(`${title.textContent}: ${text}`);
        found.smallest = Math.min(found.smallest, place.height);
      }
      places.forEach(([text, place], n) => places.slice(n + 1).forEach(([other, there]) => {
        if (meet(place, there)) found.overlaps.push(`${title.textContent}: ${text} | ${other}`);
      }));
    }
  }
  found.wide = document.documentElement.scrollWidth - window.innerWidth;
  found.links = [...document.querySelectorAll("nav a")].map((a) => document.querySelector(a.getAttribute("href")) !== null);
  return found;
})()
