// The choice: read from the address, changed by the controls, written back to the address.

const DEFAULT = { importer: 'USA', mineral: 'rare_earths', stage: 'refined', year: null, by: 'value', view: '', map: 'imports', on: '', asof: 'today', rank: 'minerals', card: '', embed: '', with: 'EU27,JPN,KOR', seen: 'china', price: '' };
let state = { ...DEFAULT };

function readAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const next = { ...DEFAULT };
  for (const name of Object.keys(DEFAULT)) if (asked.has(name)) next[name] = asked.get(name);
  next.year = Number(next.year) || D.years[1];
  return next;
}

// What can't be is replaced by what comes nearest, so that an old address still opens.
function settled(next) {
  if (!D.importers.has(next.importer)) next.importer = DEFAULT.importer;
  if (!stagesOf(next.mineral).length) next.mineral = DEFAULT.mineral;
  const stages = stagesOf(next.mineral);
  if (!stages.includes(next.stage)) next.stage = ['refined', 'mine'].find((stage) => stages.includes(stage)) ?? stages[0];
  next.year = Math.min(Math.max(next.year, D.years[0]), D.years[1]);
  if (!(next.by in SHARE)) next.by = 'value';
  if (!MEASURES.some(([name]) => name === next.seen)) next.seen = DEFAULT.seen;
  if (next.rank !== 'importers') next.rank = 'minerals';
  return next;
}

const stageCache = new Map();
function stagesOf(mineral) {
  if (!stageCache.has(mineral)) {
    const found = new Set();
    for (const name of ['traded', 'concentration', 'asked', 'untold']) {
      for (const row of D.tables[name].find({ mineral_id: mineral })) found.add(D.tables[name].get('stage', row));
    }
    stageCache.set(mineral, D.tables.stage.all().map((row) => row.stage).filter((stage) => found.has(stage)));
  }
  return stageCache.get(mineral);
}

const addressOf = (choice) => new URLSearchParams(Object.entries(choice).filter(([name, value]) => value !== '' && (value !== DEFAULT[name] || ['importer', 'mineral', 'stage', 'year'].includes(name))));

function choose(change) {
  state = settled({ ...state, ...change });
  history.replaceState(null, '', `#${addressOf(state)}`);
  show();
}

// Draws the choice, at once where its data are held.
let turn = 0;
async function show() {
  turn += 1;
  const mine = turn;
  const missing = [state.importer].filter((importer) => !held.has(importer));
  if (missing.length) {
    document.documentElement.dataset.loading = '';
    try { await Promise.all(missing.map(hold)); } catch (error) { if (mine === turn) notHeld(error); return; } finally { if (mine === turn) delete document.documentElement.dataset.loading; }
    // Another choice came in the meantime.
    if (mine !== turn) return;
  }
  await render(mine);
}

function notHeld(error) {
  controlsShown();
  for (const id of ['headline', 'hint', 'stats', 'cards']) forgetFigures(document.getElementById(id));
  document.getElementById('headline').append(`${importerName(state.importer)}: ${error.message}`);
  drawn();
}

function drawn() { document.documentElement.dataset.drawn = String(Number(document.documentElement.dataset.drawn ?? 0) + 1); }

/* drawing: what is seen first is drawn first */

let drawings = [];
function drawLater(node, draw) { drawings.push({ node, draw }); }

function drawAll(from = 0) {
  for (const { node, draw } of drawings.slice(from)) {
    const width = Math.round(node.clientWidth);
    if (!width) continue;
    forgetFigures(node);
    node.append(...[draw(width)].flat());
  }
  for (const root of document.querySelectorAll('.card')) footnote(root);
  makeRoving(document.body);
}

async function render(mine) {
  const open = [...document.querySelectorAll('details.claim')].map((node) => node.open);
  // What has the focus is drawn anew; it is found again by its id or, of a row of choices, by its name.
  const { id, name } = document.activeElement;
  const focused = id ? `#${id}` : name ? `input[name="${name}"]:checked` : null;
  const isLost = document.activeElement !== document.body;
  drawings = [];
  colours.clear();
  hideTip();
  closePassport();
  controlsShown();
  const all = questions(state);
  const asked = all.find((one) => one.reference_year === state.year);
  const seen = viewRows(state);
  if (asked) for (const origin of ranked(asked, state.by).slice(0, 6)) colour(origin.origin_id);
  for (const row of topRows(seen.rows, 6)) if (row.origin_id !== null) colour(row.origin_id);
  headline(state, asked);
  hint(state);
  stats(state, asked);
  const root = document.getElementById('cards');
  forgetFigures(root);
  const first = [ranking(state), overTime(state, all, asked), suppliers(state, asked)];
  if (!state.embed) root.append(...first);
  drawAll();
  // The first charts are seen before the others are drawn; then come the importers that are compared.
  const missing = comparedWith(state).filter((importer) => !held.has(importer));
  performance.mark('first');
  if (missing.length) {
    await Promise.allSettled([new Promise((resolve) => setTimeout(resolve)), ...missing.map(hold)]);
    if (mine !== turn) return;
  }
  const from = drawings.length;
  const rest = [compare(state), threeViews(state, seen), flow(state, seen), map(state, asked, seen), concentration(state), supplierHhi(state, all), prices(state), outlook(state), network(state), months(state), yearToDate(state), controls(state), claims(state), sources()].filter(Boolean);
  const cards = [...first, ...rest];
  const alone = state.embed && (cards.find((one) => one.id === state.card) ?? cards[0]);
  document.documentElement.toggleAttribute('data-embed', Boolean(alone));
  if (alone) alone.querySelector('header').prepend(el('p', { class: 'subject' }, el('a', { href: `#${addressOf({ ...state, card: '', embed: '' })}`, target: '_blank' }, cardSubject(alone.id)), `, Chokepoint atlas ${D.release.release}`));
  root.append(...(alone ? [alone] : rest));
  drawAll(alone ? 0 : from);
  document.querySelectorAll('details.claim').forEach((node, index) => { if (open[index]) node.open = true; });
  if (focused) document.querySelector(focused)?.focus({ preventScroll: true });
  if (isLost && document.activeElement === document.body) document.getElementById('main').focus({ preventScroll: true });
  drawn();
  document.getElementById('address').textContent = `This view: atlas.html${location.hash}`;
  performance.mark('drawn');
  if (state.card && !state.embed) { document.getElementById(state.card)?.scrollIntoView(); state.card = ''; }
}

function controlsShown() {
  document.getElementById('chosen').textContent = subjectOf(state);
  const importer = document.getElementById('importer');
  importer.value = state.importer;
  document.getElementById('mineral').value = state.mineral;
  const year = document.getElementById('year');
  year.value = String(state.year);
  document.getElementById('yearshown').textContent = String(state.year);
  const stages = stagesOf(state.mineral);
  document.getElementById('stage').replaceChildren(...segments('stage', D.tables.stage.all().map((row) => [row.stage, row.stage_name, row.stage_description]), state.stage, (stage) => choose({ stage }), (stage) => !stages.includes(stage)));
  document.getElementById('by').replaceChildren(...segments('by', [['value', 'value'], ['tonnes', 'tonnes']], state.by, (by) => choose({ by })));
}

function fillControls() {
  const group = (label, options) => el('optgroup', { label }, ...options.map(([value, text]) => el('option', { value }, text)));
  const importers = D.tables.importer.all();
  D.importerKinds = new Map(importers.map((row) => [row.importer_id, row.importer_kind]));
  const byName = (a, b) => a[1].localeCompare(b[1]);
  const importer = document.getElementById('importer');
  const kindOf = (row) => (row.importer_kind === 'country' && !row.answer_count ? 'none' : row.importer_kind);
  for (const [kind, label] of [['country', 'Countries'], ['bloc', 'Blocs'], ['none', 'Countries without an answer']]) {
    importer.append(group(label, importers.filter((row) => kindOf(row) === kind).map((row) => [row.importer_id, importerName(row.importer_id)]).sort(byName)));
  }
  importer.addEventListener('change', () => choose({ importer: importer.value }));
  const mineral = document.getElementById('mineral');
  const untold = new Set(D.tables.untold.all().map((row) => row.mineral_id));
  const all = D.tables.mineral.all().map((row) => [row.mineral_id, row.mineral_name]);
  mineral.append(group('Minerals', all.filter(([id]) => !untold.has(id))), group('Mixed customs lines, as published', Object.entries(D.words.groups)), group('Minerals without an answer', all.filter(([id]) => untold.has(id))));
  mineral.addEventListener('change', () => choose({ mineral: mineral.value }));
  const year = document.getElementById('year');
  [year.min, year.max] = D.years.map(String);
  document.getElementById('yearrange').textContent = D.years.join('–');
  year.addEventListener('input', () => choose({ year: Number(year.value) }));
}

function theme() {
  const order = ['auto', 'light', 'dark'];
  const button = document.getElementById('theme');
  const show = (name) => {
    if (name === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    button.querySelector('span').textContent = name;
    button.dataset.name = name;
  };
  let kept = 'auto';
  try { kept = localStorage.getItem('chokepoint-theme') ?? 'auto'; } catch { /* a page from disk may have no storage */ }
  show(order.includes(kept) ? kept : 'auto');
  button.addEventListener('click', () => {
    const next = order[(order.indexOf(button.dataset.name) + 1) % order.length];
    show(next);
    try { localStorage.setItem('chokepoint-theme', next); } catch { /* as above */ }
  });
}

async function start() {
  theme();
  D = await readData();
  indexNames();
  D.years = [Math.min(...D.tables.traded.columns.first_year.at), Math.max(...D.tables.traded.columns.last_year.at)];
  D.controlDates = [...D.tables.exposure.columns.on_date.names].sort();
  fillControls();
  document.getElementById('foot').append(el('p', {}, `Release ${D.release.release}, built ${D.release.built_at.slice(0, 10)}, input ${D.release.input}, content ${D.release.content_digest.slice(0, 12)}. Every figure is a row of critical_minerals.duckdb beside this page; press one for its source and SQL. This page asks nothing of any network.`),
    el('p', {}, 'Beside this page: ', el('a', { href: 'methods.html' }, 'how each figure is made'), ' and ', el('a', { href: 'dictionary.html' }, 'what each column means'), '.'),
    el('p', {}, `Here are all ${D.importers.size} importers of the release, the current series and editions, and shares from 0.1% on. The data of parties, G7 members, China and blocs are in this page, those of others in the folder atlas beside it. Single customs lines, earlier editions, reserves, monthly prices, scenarios of a stop and risk scores are in the database.`), el('p', { id: 'address' }));
  if (D.release.restricted_sources) document.getElementById('foot').prepend(el('p', { class: 'restricted' }, `Not to be passed on: this release holds rows of ${D.release.restricted_sources}.`));
  state = settled(readAddress());
  listenToFigures();
  show();
  addEventListener('hashchange', () => { state = settled(readAddress()); show(); });
  let resized = 0;
  addEventListener('resize', () => { clearTimeout(resized); resized = setTimeout(() => drawAll(), 120); });
  const toggle = document.getElementById('toggle');
  toggle.addEventListener('click', () => toggle.setAttribute('aria-expanded', String(toggle.getAttribute('aria-expanded') !== 'true')));
  document.addEventListener('click', (event) => { for (const menu of document.querySelectorAll('.take[open]')) if (!menu.contains(event.target)) menu.open = false; });
  document.querySelector('[data-skip]').addEventListener('click', (event) => { event.preventDefault(); document.getElementById('main').focus(); });
}

// For tests: what is on the page now, with the query that gives it.
window.atlas = { shown: () => [...figures.values()].map((figure) => ({ label: figure.label, value: figure.value, source: figure.source, edition: figure.edition, reason: figure.reason, sql: sqlOf(figure) })) };

start().catch((error) => {
  document.getElementById('headline').textContent = `The atlas could not be drawn: ${error.message}. A browser of 2023 or later is needed; the database beside this page holds the same figures.`;
  throw error;
});
