// A figure and its passport: where it is from, its caveats, why it is null, and the SQL that gives it.

const el = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

// A zero, or a whole, is one that the mart holds; what only rounds to it is not written as one.
function percent(value) {
  if (value === 0 || value === 1) return `${value * 100}%`;
  if (Math.abs(value) < 0.0005) return value < 0 ? '−0.1% to 0%' : '<0.1%';
  return value > 0.9995 && value < 1 ? '>99.9%' : `${(value * 100).toFixed(1)}%`;
}
// A figure that is set, not measured: 65%, not 65.0%.
const rounded = (value) => percent(value).replace('.0%', '%');
const written = (figure) =>
  figure.value === null ? 'no figure' : (WRITTEN[figure.kind] ?? percent)(figure.value);
const digits = (value) => value.toLocaleString('en', { maximumSignificantDigits: 4 });
const WRITTEN = {
  index: (value) => value.toFixed(3), usd: (value) => `${digits(value)} US$/t`, tonnes: (value) => `${digits(value)} t`, dollars: (value) => (value < 1_000_000 ? `US$ ${digits(value)}` : `US$ ${digits(value / 1_000_000)} m`),
  amount: digits,
  change: (value) => `${value > 0 ? '+' : ''}${percent(value).replace('-', '−')}`,
};

const quoted = (value) => (typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`);

// The query of a figure: its column first, then what is needed to judge it.
function sqlOf(figure) {
  const conditions = Object.entries(figure.where).filter(([, value]) => value !== undefined).map(([name, value]) => {
    if (value === null) return `${name} is null`;
    return value === true ? name : `${name} = ${quoted(value)}`;
  });
  const columns = [figure.column, ...(figure.beside ?? [])];
  return `select ${figure.distinct ? 'distinct ' : ''}${columns.join(', ')}\nfrom marts.${figure.table}\nwhere ${conditions.join('\n    and ')};`;
}

const figures = new Map(); // by number; what is on the page now
let nextFigure = 1;

// Marks `node` as a figure: hovered or focused it shows its passport in short, pressed in full.
function asFigure(node, figure) {
  const id = String(nextFigure);
  nextFigure += 1;
  figures.set(id, figure);
  const flags = flagsOf(figure);
  const said = figure.value === null ? `no figure: ${names.reason(figure.reason)}` : written(figure);
  fill(node, {
    'data-figure': id, tabindex: '-1', role: 'button', 'aria-haspopup': 'dialog',
    'aria-label': `${figure.label}: ${said}${flags.length ? `; caveats: ${flags.join(', ')}` : ''}`,
  }, []);
  return node;
}

function forgetFigures(root) {
  for (const node of root.querySelectorAll('[data-figure]')) figures.delete(node.dataset.figure);
  root.replaceChildren();
}

const flagsOf = (figure) => (figure.flags ? figure.flags.split(',') : []);
// As in `is_caveat_grave` of mart_headline: the figure may be of something else, or wrong by a supplier.
const isGrave = (figure) => figure.value !== null && flagsOf(figure).some((flag) => D.grave.has(flag));
const flagText = (flag) => D.words.flags[flag] ?? flag;

// A filled flag for a grave caveat, an empty one for others.
function caveatMark(figure) {
  if (!flagsOf(figure).length || figure.value === null) return null;
  return isGrave(figure) ? el('sup', { class: 'flag', 'aria-hidden': 'true' }, '⚑') : el('sup', { class: 'flag routine', 'aria-hidden': 'true' }, '⚐');
}

// A figure as text that can be pressed; a null shows its reason.
function figureText(figure, more = '') {
  return asFigure(el('span', { class: `figure ${figure.value === null ? 'null' : ''} ${more}` }, written(figure), caveatMark(figure)), figure);
}

// Both ends of a range, or one figure where they read the same.
function ends(lowFigure, highFigure) {
  if (written(lowFigure) === written(highFigure)) return [figureText(lowFigure)];
  return [figureText(lowFigure), ' to ', figureText(highFigure)];
}

function reasonBox(title, token, ...more) {
  return el('div', { class: 'reason' }, el('strong', {}, title), el('p', {}, token ? names.reason(token) : ''),
    token ? el('code', {}, token) : null, ...more);
}

// Publications that a figure rests on: its own, then those that stand behind it.
const sourcesOf = (figure) => [{ source: figure.source, edition: figure.edition }, ...(figure.also ?? [])]
  .filter(({ source }, index, all) => source && all.findIndex((other) => other.source === source) === index);

function editionText({ source, edition }) {
  const known = D.editions.get(`${source} ${edition}`);
  return `${edition ?? ''}${known ? ` of ${known.released_on}` : ''}`;
}

const sourceText = (one) => `${D.words.sources[one.source] ?? one.source}, ${editionText(one)}`;

// An address of a publisher, to be followed by hand only.
const link = (address, text) => (/^https?:/.test(address ?? '') ? el('a', { href: address, rel: 'noreferrer', target: '_blank' }, text) : text);

// How a figure is made: a page of methods.html, which lies beside this one.
const methodLink = (page, text, of) => el('a', { class: of ? 'method' : null, href: `methods.html#${page}`, target: '_blank', 'aria-label': of ? `Method: ${of}` : null }, text);
const methodPage = (path) => path.replace(/^.*\/|\.md$/g, '');

// Grave caveats first, each kind in a line of its own.
function caveatLines(flags) {
  const [grave, routine] = [flags.filter((flag) => D.grave.has(flag)), flags.filter((flag) => !D.grave.has(flag))];
  return [
    grave.length ? el('p', { class: 'grave' }, el('span', { class: 'flag', 'aria-hidden': 'true' }, '⚑ '), el('strong', {}, 'Grave: '), grave.map(flagText).join(' ')) : null,
    routine.length ? el('p', {}, el('span', { class: 'flag routine', 'aria-hidden': 'true' }, '⚐ '), routine.map(flagText).join(' ')) : null,
  ];
}

// Under each card, also on paper: where its figures are from, and their caveats.
function footnote(root) {
  const shown = [...root.querySelectorAll('[data-figure]')].map((node) => figures.get(node.dataset.figure));
  root.querySelector('.foot')?.remove();
  if (!shown.length) return;
  const unique = (values) => [...new Set(values)];
  const from = unique(shown.flatMap(sourcesOf).map(sourceText));
  const flags = unique(shown.filter((figure) => figure.value !== null).flatMap(flagsOf));
  const body = root.textContent;
  const reasons = unique(shown.filter((figure) => figure.value === null).map((figure) => names.reason(figure.reason))).filter((reason) => !body.includes(reason));
  if (from.length + flags.length + reasons.length) root.append(el('div', { class: 'foot' },
    from.length ? el('p', {}, `Source${from.length > 1 ? 's' : ''}: ${from.join('; ')}.`) : null,
    ...caveatLines(flags),
    reasons.length ? el('p', {}, `No figure: ${reasons.join(' ')}`) : null));
}

/* the short passport */

const tip = document.getElementById('tip');

function placeTip(content, place) {
  tip.replaceChildren(...content);
  tip.hidden = false;
  const size = tip.getBoundingClientRect();
  const { left, top } = place(size);
  tip.style.left = `${Math.max(8, Math.min(left, innerWidth - size.width - 8))}px`;
  tip.style.top = `${top}px`;
}

function showTip(node, content) {
  const box = node.getBoundingClientRect();
  placeTip(content, (size) => {
    const above = box.top - size.height - 10;
    return { left: box.left + box.width / 2 - size.width / 2, top: above > 8 ? above : Math.max(8, Math.min(box.bottom + 10, innerHeight - size.height - 8)) };
  });
}

const hideTip = () => { tip.hidden = true; };

function tipOf(figure) {
  const content = [el('b', {}, figure.label), el('span', { class: 'tipvalue' }, written(figure))];
  if (figure.value === null) content.push(el('p', {}, names.reason(figure.reason)));
  content.push(...caveatLines(flagsOf(figure)).filter(Boolean));
  const sources = sourcesOf(figure).map(sourceText);
  if (sources.length) content.push(el('p', { class: 'faint' }, `Source${sources.length > 1 ? 's' : ''}: ${sources.join('; ')}`));
  content.push(el('p', { class: 'faint' }, 'Press for the details and the SQL'));
  return content;
}

/* the full passport */

const panel = document.getElementById('passport');
let openedFrom = null;

function openPassport(id) {
  const figure = figures.get(id);
  const sources = sourcesOf(figure);
  const rows = [];
  const add = (name, ...value) => rows.push(el('dt', {}, name), el('dd', {}, ...value));
  if (figure.value === null) {
    add('Why null', names.reason(figure.reason), ' ', el('code', {}, String(figure.reason)));
  }
  const flags = flagsOf(figure);
  for (const [title, those] of [['Grave caveats', flags.filter((flag) => D.grave.has(flag))], ['Other caveats', flags.filter((flag) => !D.grave.has(flag))]]) {
    if (those.length) add(title, ...those.map((flag) => el('p', {}, el('code', {}, flag), ' ', flagText(flag))));
  }
  if (!flags.length) add('Caveats', 'none');
  const publication = ({ source }) => { const { publisher, title, landing_page: page } = D.sources.get(source); return el('p', {}, `${publisher}: `, link(page, title)); };
  const publications = (tell) => sources.map(tell);
  add(sources.length > 1 ? 'Sources' : 'Source', ...(sources.length ? publications(publication) : [figure.table === 'mart_assumption' ? 'our own judgement' : 'none answers']));
  if (sources.length) add(sources.length > 1 ? 'Editions' : 'Edition', ...publications((one) => el('p', {}, editionText(one))));
  for (const [name, value] of figure.more ?? []) if (value) add(name, name === 'Method' ? methodLink(methodPage(value), methodPage(value).replaceAll('_', ' ')) : value);
  if (sources.length) {
    add('Credit line', ...publications(({ source }) => el('p', {}, D.sources.get(source).credit_line)));
    add('Licence', ...publications(({ source }) => { const { licence_title: title, licence_url: page } = D.sources.get(source); return el('p', {}, link(page, title)); }));
  }
  const sql = sqlOf(figure);
  panel.replaceChildren(
    el('header', {}, el('h2', { id: 'passport-title' }, figure.label), el('button', { type: 'button', class: 'quiet', 'data-close': true, 'aria-label': 'Close' }, '✕')),
    el('p', { class: 'big' }, written(figure)),
    copyButton(sql, figure.label),
    el('dl', {}, ...rows),
    el('h3', {}, 'SQL, against critical_minerals.duckdb beside this page'),
    el('pre', { tabindex: '0' }, sql),
  );
  openedFrom = document.querySelector(`[data-figure="${id}"]`);
  panel.hidden = false;
  hideTip();
  panel.querySelector('[data-close]').focus();
}

function closePassport() {
  if (panel.hidden) return;
  panel.hidden = true;
  if (openedFrom?.isConnected) openedFrom.focus({ preventScroll: true });
}

function copyButton(sql, of) {
  return el('button', { type: 'button', class: 'copy', 'data-sql': sql, 'aria-label': `Copy SQL: ${of}`, onclick: () => copy(sql) }, 'Copy SQL');
}

async function copy(text, said = 'SQL copied') {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // A page opened from disk may have no clipboard: the old way needs a selection.
    const area = el('textarea', { class: 'offscreen' }, text);
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  say(said);
}

let saidUntil = 0;
function say(text) {
  const toast = document.getElementById('toast');
  toast.textContent = text;
  toast.classList.add('on');
  clearTimeout(saidUntil);
  saidUntil = setTimeout(() => toast.classList.remove('on'), 1800);
}

/* one set of listeners for all figures; within a card arrows move from figure to figure */

const figureAt = (event) => event.target.closest?.('[data-figure]');

function listenToFigures() {
  document.addEventListener('pointerover', (event) => {
    const node = figureAt(event);
    if (node) showTip(node, tipOf(figures.get(node.dataset.figure)));
    else if (!event.target.closest?.('[data-keeptip]')) hideTip();
  });
  document.addEventListener('focusin', (event) => {
    const node = figureAt(event);
    if (node && node.matches(':focus-visible')) showTip(node, tipOf(figures.get(node.dataset.figure)));
    else if (event.target.matches(':focus-visible') && !event.target.closest('[data-keeptip]')) hideTip();
    // Who tabs out of the passport is not left with it over what has the focus now.
    if (!panel.contains(event.target)) panel.hidden = true;
  });
  document.addEventListener('click', (event) => {
    const node = figureAt(event);
    if (node) openPassport(node.dataset.figure);
    else if (event.target.closest('[data-close]')) closePassport();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') { hideTip(); closePassport(); return; }
    const node = figureAt(event);
    if (!node) return;
    if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); openPassport(node.dataset.figure); return; }
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const all = [...node.closest('[data-roving]').querySelectorAll('[data-figure]')];
    const next = all[(all.indexOf(node) + step + all.length) % all.length];
    event.preventDefault();
    node.setAttribute('tabindex', '-1');
    next.setAttribute('tabindex', '0');
    next.focus();
  });
  addEventListener('scroll', hideTip, { passive: true });
}

// One stop of the Tab key for each group of figures.
function makeRoving(root) {
  for (const group of root.querySelectorAll('[data-roving]')) {
    group.querySelector('[data-figure]')?.setAttribute('tabindex', '0');
  }
}
