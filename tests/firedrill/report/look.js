// What a reader of the report would trip over, as plain data. Rectangles are in CSS pixels of the window.
(() => {
  const shown = (node) => { const r = node.getBoundingClientRect(); return r.width > 0 && r.height > 0; };
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
  const found = { headings: [], charts: 0, escaped: [], overlaps: [], smallest: 99, verdicts: {} };
  for (const heading of document.querySelectorAll("h1, h2")) if (shown(heading)) found.headings.push(heading.textContent);
  for (const chart of [...document.querySelectorAll("svg")].filter(shown)) {
    found.charts += 1;
    const box = chart.getBoundingClientRect();
    const places = [...chart.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
    places.forEach(([text, place], n) => {
      if (place.left < box.left - 2 || place.right > box.right + 2 || place.top < box.top - 2 || place.bottom > box.bottom + 2)
        found.escaped.push(text);
      found.smallest = Math.min(found.smallest, place.height);
      for (const [other, there] of places.slice(n + 1)) if (meet(place, there)) found.overlaps.push(`${text} | ${other}`);
    });
  }
  for (const cell of document.querySelectorAll("td.good, td.warn, td.bad"))
    found.verdicts[cell.parentElement.firstElementChild.textContent] = [cell.textContent, getComputedStyle(cell).color];
  found.wide = document.documentElement.scrollWidth - window.innerWidth;
  return found;
})()
