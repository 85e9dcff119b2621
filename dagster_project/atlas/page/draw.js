// Lines, bars, tiles and ribbons from figures that are given. Sums made here are places on the screen only.

const PALETTE = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8'];
const colours = new Map();

// A country keeps its colour through all cards of a choice; China's is always the same.
function colour(code) {
  if (code === 'CHN' || code === 'CHN_HKG') return 'china';
  if (!colours.has(code)) colours.set(code, PALETTE[colours.size] ?? 'c0');
  return colours.get(code);
}

function card(id, title, subtitle, { wide = '', sql = null, tools = [] } = {}, ...body) {
  return el('section', { class: `card ${wide}`, id, 'aria-labelledby': `${id}-title` },
    el('header', {}, el('div', {}, el('h2', { id: `${id}-title` }, title), subtitle ? el('p', {}, subtitle) : null),
      el('div', { class: 'tools' }, ...tools, sql ? copyButton(sql, 'SQL') : null)),
    ...body);
}

function segments(name, options, chosen, choose, disabled = () => false) {
  return options.map(([value, label, title]) => el('label', { class: disabled(value) ? 'off' : null, title },
    el('input', { type: 'radio', name, value, checked: value === chosen, disabled: disabled(value), onchange: () => choose(value) }),
    el('span', {}, label)));
}

// Shares over years. `lines`: {key, label, colour, points: [{year, figure}]}; `gaps`: {year, reason}.
function lineChart({ lines, gaps, years, chosen, marks, width, height, pick, top = 1, label }) {
  const narrow = width < 560;
  const margin = { top: 14, right: narrow ? 12 : 150, bottom: 26, left: 42 };
  const x = (year) => margin.left + ((year - years[0]) / Math.max(1, years[1] - years[0])) * (width - margin.left - margin.right);
  const y = (share) => height - margin.bottom - (share / top) * (height - margin.top - margin.bottom);
  const step = (x(years[1]) - x(years[0])) / Math.max(1, years[1] - years[0]);
  const root = svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'group', 'aria-label': label, 'data-roving': true });
  root.append(svg('defs', {}, svg('pattern', { id: 'hatch', width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
    svg('line', { x1: 0, y1: 0, x2: 0, y2: 6, class: 'hatch' }))));
  for (const gap of gaps) {
    root.append(asFigure(svg('rect', { x: x(gap.year) - step / 2, width: step, y: margin.top, height: height - margin.top - margin.bottom, fill: 'url(#hatch)', class: 'gap' }), gap.figure));
  }
  for (const tick of [0, 0.25, 0.5, 0.75, 1]) {
    const share = tick * top;
    root.append(svg('line', { class: 'grid', x1: margin.left, x2: width - margin.right, y1: y(share), y2: y(share) }),
      svg('text', { class: 'axis', x: margin.left - 8, y: y(share) + 4, 'text-anchor': 'end' }, top === 1 && label.includes('index') ? String(share) : `${share * 100}%`));
  }
  const every = narrow ? 10 : 5;
  for (let year = Math.ceil(years[0] / every) * every; year <= years[1]; year += every) {
    root.append(svg('text', { class: 'axis', x: x(year), y: height - 8, 'text-anchor': 'middle' }, year));
  }
  for (const mark of marks) {
    root.append(svg('line', { class: 'mark', x1: margin.left, x2: width - margin.right, y1: y(mark.value), y2: y(mark.value) }));
  }
  root.append(svg('line', { class: 'cursor', x1: x(chosen), x2: x(chosen), y1: margin.top, y2: height - margin.bottom }));
  // Pressing a year chooses it; figures lie above and keep their own press.
  for (let year = years[0]; year <= years[1]; year += 1) {
    root.prepend(svg('rect', { class: 'year', x: x(year) - step / 2, width: step, y: margin.top, height: height - margin.top - margin.bottom, onclick: () => pick(year) }));
  }
  const ends = [];
  for (const line of lines) {
    const group = svg('g', { class: `line ${line.colour}` });
    let path = '';
    let before = null;
    for (const { year, figure } of line.points) {
      path += `${before === year - 1 ? 'L' : 'M'}${x(year).toFixed(1)} ${y(figure.value).toFixed(1)}`;
      before = year;
    }
    group.append(svg('path', { d: path }));
    for (const { year, figure } of line.points) {
      const flagged = flagsOf(figure).length > 0;
      group.append(asFigure(svg('circle', { cx: x(year).toFixed(1), cy: y(figure.value).toFixed(1), r: year === chosen ? 4.5 : 2.6, class: flagged ? 'flagged' : null }), figure));
    }
    root.append(group);
    const last = line.points[line.points.length - 1];
    if (last) ends.push({ y: y(last.figure.value), line });
  }
  // Above the lines, so that they can be read.
  for (const mark of marks) root.append(asFigure(svg('text', { class: 'marktext', x: margin.left + 4, y: y(mark.value) - 4 }, mark.label), mark.figure));
  if (!narrow) {
    // Names beside the ends of lines, pushed apart: down from the top, then up from the bottom.
    ends.sort((a, b) => a.y - b.y);
    ends.forEach((end, index) => { end.y = Math.max(end.y, index ? ends[index - 1].y + 15 : 0); });
    for (let index = ends.length - 1, lowest = height - margin.bottom; index >= 0; index -= 1, lowest -= 15) ends[index].y = Math.min(ends[index].y, lowest);
    for (const end of ends) root.append(svg('text', { class: `endlabel ${end.line.colour}`, x: width - margin.right + 10, y: end.y + 4 }, shortened(end.line.label, 20)));
  }
  return root;
}

const shortened = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

// A share as a bar on the scale from 0 to 1, with marks of thresholds. What is not known has no bar.
function bar(share, kind, marks = []) {
  if (share === null) return null;
  const node = el('span', { class: 'bar', 'aria-hidden': 'true' });
  if (share) node.append(el('i', { class: kind, style: `width:${Math.min(share, 1) * 100}%` }));
  for (const mark of marks) node.append(el('b', { style: `left:${mark * 100}%` }));
  return node;
}

// A range as a bar; both ends are given.
function range(low, high, kind, marks = []) {
  if (low === null && !marks.length) return null;
  const node = el('span', { class: 'bar', 'aria-hidden': 'true' });
  if (low !== null && high > 0) {
    node.append(el('i', { class: `${kind} range`, style: `left:min(${Math.min(low, 1) * 100}%, 100% - 4px);width:max(4px,${Math.max(0, Math.min(high, 1) - Math.min(low, 1)) * 100}%)` }));
  }
  for (const mark of marks) node.append(el('b', { style: `left:${mark * 100}%` }));
  return node;
}

// The world as tiles. `figureOf(code)` gives a figure or null.
function tileMap(figureOf, target, label) {
  const size = 30;
  const codes = Object.entries(D.tiles);
  const columns = 1 + Math.max(...codes.map(([, place]) => place[0]));
  const rows = 1 + Math.max(...codes.map(([, place]) => place[1]));
  const root = svg('svg', { viewBox: `0 0 ${columns * size} ${rows * size}`, class: 'tiles', role: 'group', 'aria-label': label, 'data-roving': true });
  const drawn = [];
  for (const [code, [column, row]] of codes) {
    const figure = figureOf(code);
    const group = svg('g', { transform: `translate(${column * size} ${row * size})`, class: `tile ${figure ? 'has' : ''} ${target.has(code) ? 'target' : ''}` });
    group.append(svg('rect', { width: size - 2, height: size - 2, rx: 4, class: figure?.value == null && figure ? 'unknown' : null }));
    if (figure && figure.value !== null) {
      group.append(svg('rect', { width: size - 2, height: size - 2, rx: 4, class: 'heat', 'fill-opacity': (0.12 + 0.88 * Math.sqrt(Math.min(figure.value, 1))).toFixed(3) }));
      if (figure.value > 0.3) group.classList.add('strong');
    }
    group.append(svg('text', { x: size / 2 - 1, y: size / 2 + 3 }, code));
    if (figure) asFigure(group, figure);
    else group.append(svg('title', {}, names.country(code)));
    drawn.push([figure?.value ?? -1, group]);
  }
  // The Tab key lands on the largest.
  drawn.sort((a, b) => b[0] - a[0]);
  root.append(...drawn.map(([, group]) => group));
  return el('div', { class: 'scroll' }, root);
}

// Columns of shares, each filling up to 1, ribbons between what is the same country in two columns.
function ribbons({ columns, width, height, end, label }) {
  const margin = { top: 34, bottom: 10 };
  const block = width < 560 ? 16 : 22;
  const side = width < 560 ? 62 : 120;
  const room = height - margin.top - margin.bottom;
  const root = svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'group', 'aria-label': label, 'data-roving': true, class: 'ribbons' });
  const gap = (width - (width < 560 ? side + block + 8 : side + block + 90)) / columns.length;
  const placed = columns.map((column, index) => {
    const left = side + index * gap;
    let at = margin.top;
    const parts = new Map();
    for (const part of column.parts) {
      const tall = part.figure.value * room;
      parts.set(part.key, { ...part, x: left, y: at, tall });
      at += tall;
    }
    root.append(svg('text', { x: left + block / 2, y: 20, class: 'columnhead', 'text-anchor': 'middle' }, column.title));
    if (column.reason) {
      root.append(svg('rect', { x: left, y: margin.top, width: block, height: room, fill: 'url(#hatch)', class: 'gap' }));
      root.append(svg('foreignObject', { x: Math.max(4, left - 60 + block / 2), y: margin.top + room / 2 - 50, width: 120, height: 130 },
        el('div', { class: 'ribbonreason' }, names.reason(column.reason))));
    }
    return parts;
  });
  for (let index = 0; index + 1 < placed.length; index += 1) {
    for (const [key, from] of placed[index]) {
      const to = key === 'unresolved' ? null : placed[index + 1].get(key);
      if (!to || from.tall < 0.5 || to.tall < 0.5) continue;
      const [x0, x1] = [from.x + block, to.x];
      const middle = (x0 + x1) / 2;
      root.append(svg('path', { class: `ribbon ${from.kind}`, d: `M${x0} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${x1} ${to.y}V${to.y + to.tall}C${middle} ${to.y + to.tall} ${middle} ${from.y + from.tall} ${x0} ${from.y + from.tall}Z` }));
    }
  }
  // All that is sold flows to the importer.
  const [last, left] = [placed[placed.length - 1], side + columns.length * gap];
  for (const part of last.values()) root.append(svg('path', { class: `ribbon ${part.kind}`, d: `M${part.x + block} ${part.y}H${left}V${part.y + part.tall}H${part.x + block}Z` }));
  root.append(svg('rect', { class: 'block importer', x: left, y: margin.top, width: 8, height: room }),
    svg('text', { x: left + 8, y: 20, class: 'columnhead', 'text-anchor': 'end' }, width < 560 ? '' : end.length > 11 ? 'Importer' : end));
  placed.forEach((parts, index) => {
    for (const part of parts.values()) {
      root.append(asFigure(svg('rect', { class: `block ${part.kind}`, x: part.x, y: part.y, width: block, height: Math.max(part.tall - 1, 0.8) }), part.figure));
      if (part.tall > 13) {
        const first = index === 0;
        const text = width < 560 ? part.short : shortened(part.label, 18);
        root.append(svg('text', { class: 'parttext', x: first ? part.x - 6 : part.x + block + 6, y: part.y + part.tall / 2 + 4, 'text-anchor': first ? 'end' : 'start' }, text));
      }
    }
  });
  return root;
}
