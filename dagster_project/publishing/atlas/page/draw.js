// Lines, bars, tiles and ribbons from figures that are given. Sums made here are places on the screen only.

const PALETTE = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8'];
const colours = new Map();

// A country keeps its colour through all cards of a choice; China's is always the same.
function colour(code) {
  if (code === 'CHN' || code === 'CHN_HKG') return 'china';
  if (!colours.has(code)) colours.set(code, PALETTE[colours.size] ?? 'c0');
  return colours.get(code);
}

// The page of methods.html that says how a card's figures are made.
const METHOD_OF = {
  ranking: 'vulnerability',
  overtime: 'import_dependency', suppliers: 'import_dependency', hhi: 'import_dependency', compare: 'import_dependency', map: 'import_dependency',
  views: 'dependency_view', flow: 'dependency_view', concentration: 'supplier_concentration',
  prices: 'price', outlook: 'supply_outlook_and_demand', network: 'trade_network', yeartodate: 'us_trade', months: 'trade_month',
  controls: 'export_control', claims: 'claim_check',
};

function card(id, title, subtitle, { wide = '', sql = null, tools = [] } = {}, ...body) {
  return el('section', { class: `card ${wide}`, id, 'aria-labelledby': `${id}-title` },
    el('header', {}, el('div', {}, el('h2', { id: `${id}-title` }, title), subtitle ? el('p', {}, subtitle) : null),
      el('div', { class: 'tools' }, ...tools, METHOD_OF[id] ? methodLink(METHOD_OF[id], 'Method', title) : null, sql ? copyButton(sql, title) : null, takeMenu(id, title))),
    ...body);
}

function segments(name, options, chosen, choose, disabled = () => false) {
  return options.map(([value, label, title]) => el('label', { class: disabled(value) ? 'off' : null, title: disabled(value) ? 'Nothing is held for this choice' : title },
    el('input', { type: 'radio', name, value, checked: value === chosen, disabled: disabled(value), onchange: () => choose(value) }),
    el('span', {}, label)));
}

// Shares over years. `lines`: {key, label, colour, points: [{year, figure}]}; `gaps`: {year, figure};
// `marks`: {value, short, label, figure}; `events`: {at, number, text}. Shares go up to 1; else to `top`, in `unit`. Names stand beside the ends of lines, never on them.
function lineChart({ lines, gaps, years, chosen, marks, width, height, pick, isIndex = false, top = 1, unit = null, events = [], isSparse = false, label }) {
  const narrow = width < 560;
  const margin = { top: unit ? 30 : 14, right: narrow ? 48 : 168, bottom: 26, left: unit ? 62 : 42 };
  const x = (year) => margin.left + ((year - years[0]) / Math.max(1, years[1] - years[0])) * (width - margin.left - margin.right);
  const y = (share) => height - margin.bottom - (share / top) * (height - margin.top - margin.bottom);
  const step = (x(years[1]) - x(years[0])) / Math.max(1, years[1] - years[0]);
  const root = svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'group', 'aria-label': label });
  for (const gap of gaps) {
    const [from, to] = [Math.max(margin.left, x(gap.year) - step / 2), Math.min(width - margin.right, x(gap.year) + step / 2)];
    root.append(asFigure(svg('rect', { x: from, width: to - from, y: margin.top, height: height - margin.top - margin.bottom, fill: 'url(#hatch)', class: 'gap' }), gap.figure));
  }
  if (unit) root.append(svg('text', { class: 'axis', x: 4, y: 14 }, unit));
  for (const share of [0, 0.25, 0.5, 0.75, 1].map((part) => part * top)) {
    root.append(svg('line', { class: 'grid', x1: margin.left, x2: width - margin.right, y1: y(share), y2: y(share) }),
      svg('text', { class: 'axis', x: margin.left - 8, y: y(share) + 4, 'text-anchor': 'end' }, unit ? share.toLocaleString('en') : isIndex ? String(share) : `${share * 100}%`));
  }
  const every = years[1] - years[0] < 12 ? (narrow ? 3 : 2) : narrow ? 10 : 5;
  for (let year = Math.ceil(years[0] / every) * every; year <= years[1]; year += every) {
    root.append(svg('text', { class: 'axis', x: x(year), y: height - 8, 'text-anchor': 'middle' }, year));
  }
  for (const mark of marks) {
    root.append(svg('line', { class: 'mark', x1: margin.left, x2: width - margin.right, y1: y(mark.value), y2: y(mark.value) }));
  }
  let numbered = -Infinity;
  for (const event of events) {
    const place = Math.max(margin.left, Math.min(x(event.at), width - margin.right));
    root.append(svg('line', { class: 'event', x1: place, x2: place, y1: margin.top, y2: height - margin.bottom }, svg('title', {}, `${event.on} ${event.text}`)),
      ...(place - numbered < 13 ? [] : [svg('text', { class: 'axis', x: place, y: margin.top - 4, 'text-anchor': 'middle' }, event.number)]));
    if (place - numbered >= 13) numbered = place;
  }
  if (chosen >= years[0] && chosen <= years[1] && chosen !== null) root.append(svg('line', { class: 'cursor', x1: x(chosen), x2: x(chosen), y1: margin.top, y2: height - margin.bottom }));
  // Pressing a year chooses it; figures lie above and keep their own press.
  for (let year = years[0]; pick && year <= years[1]; year += 1) {
    root.prepend(svg('rect', { class: 'year', x: x(year) - step / 2, width: step, y: margin.top, height: height - margin.top - margin.bottom, onclick: (event) => { if (event.pointerType !== 'touch') pick(year); } }));
  }
  const right = width - margin.right;
  const ends = marks.map((mark) => ({ y: y(mark.value), text: narrow ? mark.short.replace(/^.* /, '') : mark.short, kind: 'mark' }));
  for (const line of lines) {
    const group = svg('g', { class: `line ${line.colour}` });
    let path = '';
    let before = null;
    for (const { year, figure } of line.points) {
      path += `${(isSparse ? before !== null : before === year - 1) ? 'L' : 'M'}${x(year).toFixed(1)} ${y(figure.value).toFixed(1)}`;
      before = year;
    }
    group.append(svg('path', { d: path }));
    for (const { year, low, high } of line.points) if ((low ?? null) !== null && (high ?? null) !== null && low !== high) group.append(svg('line', { class: 'bounds', x1: x(year), x2: x(year), y1: y(low), y2: y(high) }));
    for (const { year, figure } of line.points) {
      group.append(asFigure(svg('circle', { cx: x(year).toFixed(1), cy: y(figure.value).toFixed(1), r: year === chosen ? 4.5 : 2.6, class: isGrave(figure) ? 'flagged' : null }), figure));
    }
    root.append(group);
    const last = line.points[line.points.length - 1];
    // A line that ends before the last year says so, and no stroke leads to it from the edge.
    if (last) ends.push({ y: y(last.figure.value), text: narrow ? line.key : `${shortened(line.label, last.year < years[1] && !isSparse ? 13 : 18)}${last.year < years[1] && !isSparse ? ` (to ${last.year})` : ''}`, kind: line.colour, isOver: last.year < years[1] });
  }
  // Pushed apart: down from the top, then up from the bottom; a stroke leads from the line to its name.
  ends.sort((a, b) => a.y - b.y);
  const apart = narrow ? 13 : 15;
  ends.forEach((end, index) => { end.at = Math.max(end.y, index ? ends[index - 1].at + apart : 0); });
  for (let index = ends.length - 1, lowest = height - margin.bottom; index >= 0; index -= 1, lowest -= apart) ends[index].at = Math.min(ends[index].at, lowest);
  for (const end of ends) {
    root.append(svg('path', { class: `leader ${end.kind}`, d: end.isOver ? `M${right + 8} ${end.at}H${right + 14}` : `M${right + 5} ${end.y}L${right + 14} ${end.at}` }),
      svg('text', { class: `endlabel ${end.kind}`, x: right + 17, y: end.at + 4 }, end.text));
  }
  yearPointer(root, { lines, gaps, years, held: isSparse ? [...new Set(lines.flatMap((line) => line.points.map((point) => point.year)))].sort() : null, x, top: margin.top, bottom: height - margin.bottom, chosen, pick });
  const isFlagged = lines.some((line) => line.points.some(({ figure }) => isGrave(figure)));
  return [root, el('ul', { class: 'legend' },
    narrow && lines.length > 1 ? lines.map((line) => el('li', { class: line.colour }, line.key === line.label ? line.key : `${line.key} ${line.label}`)) : null,
    marks.map((mark) => el('li', { class: 'dashed' }, asFigure(el('span', { class: 'figure' }, mark.label), mark.figure))),
    gaps.length ? el('li', { class: 'hatched' }, 'no figure; the year says why') : null,
    isFlagged ? el('li', { class: 'ring' }, 'hollow: a grave caveat (⚑)') : null)];
}

const shortened = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

// A share as a bar on the scale from 0 to 1, with marks of thresholds. What is not known has no bar.
function bar(share, kind, marks = []) {
  if (share === null) return null;
  const node = el('span', { class: 'bar', 'aria-hidden': 'true' });
  if (share) node.append(el('i', { class: kind, style: `width:${Math.max(0, Math.min(share, 1)) * 100}%` }));
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

// Classes of the map, up to each bound; the last two are the bands of the thresholds.
function heats() {
  const bounds = [0.01, 0.1, D.thresholds.get('watch')?.value_low ?? 0.4, D.thresholds.get('act_now')?.value_low ?? 0.65];
  const text = bounds.map(rounded);
  return { of: (share) => `h${bounds.filter((bound) => share > bound).length}`, names: [`up to ${text[0]}`, ...text.slice(1).map((bound) => `to ${bound}`), `above ${text[3]}`] };
}

// The world as tiles. `figureOf(code)` gives a figure or null.
function tileMap(figureOf, target, targetName, label) {
  const size = 30;
  const codes = Object.entries(D.tiles).map(([code, [column, row]]) => [code, [column - 1, row]]);
  const columns = 1 + Math.max(...codes.map(([, place]) => place[0]));
  const rows = 1 + Math.max(...codes.map(([, place]) => place[1]));
  const heat = heats();
  const root = svg('svg', { viewBox: `-2 -2 ${columns * size + 2} ${rows * size + 2}`, class: 'tiles', role: 'group', 'aria-label': label, 'data-roving': true });
  const drawn = [];
  for (const [code, [column, row]] of codes) {
    const figure = figureOf(code);
    const group = svg('g', { transform: `translate(${column * size} ${row * size})`, class: `tile ${figure ? 'has' : ''} ${target.has(code) ? 'target' : ''}` });
    group.append(svg('rect', { width: size - 2, height: size - 2, rx: 4, class: figure?.value == null && figure ? 'unknown' : null }));
    if (figure && figure.value !== null) {
      group.append(svg('rect', { width: size - 2, height: size - 2, rx: 4, class: 'heat' }));
      group.classList.add(heat.of(figure.value));
    }
    group.append(svg('text', { x: size / 2 - 1, y: size / 2 + 3 }, code));
    if (figure) asFigure(group, figure);
    else group.append(svg('title', {}, names.country(code)));
    drawn.push([figure?.value ?? -1, group]);
  }
  // The Tab key lands on the largest.
  drawn.sort((a, b) => b[0] - a[0]);
  root.append(...drawn.map(([, group]) => group));
  const without = drawn.some(([, group]) => group.querySelector('.unknown'));
  return [root, el('ul', { class: 'legend tilelegend' }, ...heat.names.map((name, index) => el('li', { class: `h${index}` }, name)),
    without ? el('li', { class: 'dashedtile' }, 'named without a share') : null, el('li', { class: 'targettile' }, targetName))];
}

// Columns of shares, each filling up to 1, ribbons between what is the same country in two columns.
function ribbons({ columns, width, height, end, label }) {
  const margin = { top: 34, bottom: 10 };
  const narrow = width < 460;
  const block = narrow ? 16 : 22;
  const side = narrow ? 70 : 110;
  const room = height - margin.top - margin.bottom;
  const root = svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'group', 'aria-label': label, 'data-roving': true, class: 'ribbons' });
  const gap = (width - (narrow ? side + block + 8 : side + block + 30)) / columns.length;
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
    svg('text', { x: left + 8, y: 20, class: 'columnhead', 'text-anchor': 'end' }, narrow ? '' : end.length > 14 ? 'Importer' : end));
  placed.forEach((parts, index) => {
    for (const part of parts.values()) {
      root.append(asFigure(svg('rect', { class: `block ${part.kind}`, x: part.x, y: part.y, width: block, height: Math.max(part.tall - 1, 0.8) }), part.figure));
      if (part.tall > 13) {
        const first = index === 0;
        const text = narrow ? part.short : shortened(part.label, index ? Math.floor((gap - block - 8) / 6.2) : 14);
        root.append(svg('text', { class: 'parttext', x: first ? part.x - 6 : part.x + block + 6, y: part.y + part.tall / 2 + 4, 'text-anchor': first ? 'end' : 'start' }, text));
      }
    }
  });
  return root;
}
