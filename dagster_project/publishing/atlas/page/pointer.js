// The year's values of all lines of a chart: at the pointer, under the finger, or by the arrow keys.

// What a line says of a year: its figure, or nothing, which is never a zero.
function yearRows(lines, gaps, year) {
  const rows = lines.map((line) => ({ line, figure: line.points.find((point) => point.year === year)?.figure ?? null }));
  rows.sort((a, b) => (b.figure?.value ?? -1) - (a.figure?.value ?? -1));
  return { rows, gap: gaps.find((gap) => gap.year === year) ?? null };
}

function yearContent({ rows, gap }, year) {
  const row = ({ line, figure }) => el('li', { class: line.colour }, el('i', {}), el('span', {}, line.label),
    figure ? el('b', {}, written(figure), caveatMark(figure)) : el('span', { class: 'faint' }, 'no record'));
  return [el('b', {}, String(year)), gap ? el('p', {}, `No figure. ${names.reason(gap.figure.reason)}`) : null, gap && rows.every(({ figure }) => !figure) ? null : el('ul', { class: 'yearvalues' }, ...rows.map(row))].filter(Boolean);
}

const yearSaid = ({ rows, gap }, year) => `${year}: ${gap ? `no figure, ${names.reason(gap.figure.reason)}` : rows.map(({ line, figure }) => `${line.label} ${figure ? written(figure) : 'no record'}`).join(', ')}`;

// `x` gives the place of a year; `held` lists the years that have figures, where not all do; `pick` chooses one for the page.
function yearPointer(root, { lines, gaps, years, held, x, top, bottom, chosen, pick }) {
  const line = svg('line', { class: 'pointer', y1: top, y2: bottom });
  const grip = svg('circle', { class: 'grip', cy: bottom, r: 6.5, role: 'slider', tabindex: '0', 'aria-label': 'Year whose values are told; Enter chooses it', 'aria-valuemin': years[0], 'aria-valuemax': years[1] });
  const nearest = (year) => (held ?? [Math.min(Math.max(year, years[0]), years[1])]).reduce((best, one) => (Math.abs(one - year) < Math.abs(best - year) ? one : best));
  let at = nearest(chosen ?? years[1]);
  const next = (step) => (held ? held[Math.min(Math.max(held.indexOf(at) + step, 0), held.length - 1)] : at + step);
  const move = (year) => {
    at = nearest(year);
    for (const name of ['x1', 'x2']) line.setAttribute(name, x(at));
    grip.setAttribute('cx', x(at));
    grip.setAttribute('aria-valuenow', at);
    grip.setAttribute('aria-valuetext', yearSaid(yearRows(lines, gaps, at), at));
  };
  const tell = () => {
    line.classList.add('on');
    const box = root.getBoundingClientRect();
    placeTip(yearContent(yearRows(lines, gaps, at), at), (size) => {
      const place = box.left + x(at);
      return { left: place + 14 + size.width > innerWidth - 8 ? place - 14 - size.width : place + 14, top: Math.max(8, Math.min(box.top + top, innerHeight - size.height - 8)) };
    });
  };
  const end = () => { line.classList.remove('on'); hideTip(); };
  const follow = (event) => {
    if (figureAt(event) && event.pointerType === 'mouse') { line.classList.remove('on'); return; }
    const place = event.clientX - root.getBoundingClientRect().left;
    const step = (x(years[1]) - x(years[0])) / Math.max(1, years[1] - years[0]);
    move(Math.round(years[0] + (place - x(years[0])) / step));
    tell();
  };
  root.addEventListener('pointermove', follow);
  root.addEventListener('pointerdown', (event) => { if (event.pointerType !== 'mouse') follow(event); });
  root.addEventListener('pointerleave', (event) => { if (event.pointerType === 'mouse') end(); });
  grip.addEventListener('focus', tell);
  grip.addEventListener('blur', end);
  grip.addEventListener('keydown', (event) => {
    const to = { ArrowRight: next(1), ArrowUp: next(1), ArrowLeft: next(-1), ArrowDown: next(-1), PageUp: at + 5, PageDown: at - 5, Home: years[0], End: years[1] }[event.key];
    if (to !== undefined) { event.preventDefault(); move(to); tell(); }
    if (event.key === 'Enter' && pick) { event.preventDefault(); pick(at); }
  });
  move(at);
  root.setAttribute('data-keeptip', '');
  root.append(line, grip);
}
