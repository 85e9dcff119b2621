// Cards of views, production and concentration: who made it, who mined it, how few they are.

const VIEWS = [['declared_origin_share', 'null_reason', 'Sold by'], ['refiner_origin_share', 'refiner_null_reason', 'Refined in'], ['mine_origin_share', 'mine_null_reason', 'Mined in']];
const VIEW_REASON = { declared_origin_share: 'null_reason', refiner_origin_share: 'refiner_null_reason', mine_origin_share: 'mine_null_reason', refiner_unresolved_share: 'refiner_null_reason', mine_unresolved_share: 'mine_null_reason' };
// Why one origin has no share in a view that others have: its flag says so.
const ORIGIN_REASON = { declared_origin_share: 'origin_tonnage_not_published', refiner_origin_share: 'refiner_not_named', mine_origin_share: 'miner_not_named' };
const viewReason = (row, column) => row[VIEW_REASON[column]] ?? (row[column] === null && row.quality_flags?.split(',').includes(ORIGIN_REASON[column]) ? ORIGIN_REASON[column] : null);
const VIEW_LABEL = { declared_origin_share: 'sold by', refiner_origin_share: 'refined in', mine_origin_share: 'mined in' };

// Rows of mart_dependency_view for the choice: its year or the newest, its measure or the first that answers.
function viewRows(choice) {
  const all = D.tables.view.records({ importer_id: choice.importer, mineral_id: choice.mineral, stage: choice.stage });
  const years = [...new Set(all.map((row) => row.reference_year))].sort();
  const year = years.includes(choice.year) ? choice.year : years[years.length - 1];
  const ofYear = all.filter((row) => row.reference_year === year);
  const options = [];
  for (const denominator of ['imports', 'apparent_supply']) {
    for (const measure of ['contained', 'gross', 'value']) {
      if (ofYear.some((row) => row.measure === measure && row.denominator === denominator)) options.push(`${measure}:${denominator}`);
    }
  }
  const answered = options.find((option) => ofYear.some((row) => `${row.measure}:${row.denominator}` === option && row.origin_id !== null));
  const view = options.includes(choice.view) ? choice.view : answered ?? options[0];
  const [measure, denominator] = (view ?? ':').split(':');
  return { year, options, view, measure, denominator, rows: ofYear.filter((row) => row.measure === measure && row.denominator === denominator) };
}

// What a view measures, in words.
const viewText = ({ measure, denominator }) => `${D.words.denominators[denominator]}, ${D.words.measures[measure]}`;

function viewFigure(row, column) {
  const whose = row.origin_id === null ? '' : column.includes('unresolved') ? 'Nobody can be named' : names.country(row.origin_id);
  const trade = tradeBehind(row.importer_id, row.mineral_id, row.stage, row.reference_year, row.series_id);
  // Imports by declared partner are trade alone; all else starts from production.
  const isTrade = column === 'declared_origin_share' && row.denominator === 'imports';
  return {
    label: `${whose}${whose ? ': ' : ''}${VIEW_LABEL[column] ?? 'unresolved'}, ${topic(row)}, ${importerName(row.importer_id)}, ${row.reference_year}, share ${viewText(row)}`,
    value: row.origin_id === null ? null : row[column], column, table: 'mart_dependency_view',
    beside: ['production_source_id', 'edition', 'feed_source_id', 'feed_edition', 'series_id', 'quality_flags', VIEW_REASON[column]],
    where: {
      importer_id: row.importer_id, mineral_id: row.mineral_id, stage: row.stage, series_level: 'mineral_stage',
      reference_year: row.reference_year, measure: row.measure, denominator: row.denominator, origin_id: row.origin_id,
    },
    ...(isTrade ? trade : { source: row.production_source_id, edition: row.edition, also: [{ source: row.feed_source_id, edition: row.feed_edition }, trade] }),
    flags: row.quality_flags, reason: viewReason(row, column),
    more: [['Production by', row.production_source_id ? `${names.source(row.production_source_id)}, ${row.edition}` : null], ['Mines by', row.feed_source_id ? `${names.source(row.feed_source_id)}, ${row.feed_edition}` : null], ['Trade', D.words.series[row.series_id] ?? row.series_id], ['Method', 'docs/methods/dependency_view.md']],
  };
}

function viewSql(choice, seen) {
  return `select origin_id, declared_origin_share, refiner_origin_share, mine_origin_share, refiner_unresolved_share,\n    mine_unresolved_share, quality_flags, null_reason, refiner_null_reason, mine_null_reason\nfrom marts.mart_dependency_view\nwhere importer_id = ${quoted(choice.importer)} and mineral_id = ${quoted(choice.mineral)} and stage = ${quoted(choice.stage)}\n    and series_level = 'mineral_stage' and reference_year = ${seen.year}\n    and measure = ${quoted(seen.measure)} and denominator = ${quoted(seen.denominator)}\norder by greatest(declared_origin_share, refiner_origin_share, mine_origin_share) desc nulls last;`;
}

// Why a cell has no row at all: the importer is not asked, or the stage can't be.
const notLookedThrough = (choice) => (D.tables.view.find({ importer_id: choice.importer }).length
  ? 'This mineral is not looked through at this stage: that needs production by country beside trade in lines of its own.'
  : `Trade of ${the(choice.importer)} is not looked through; views exist for the parties of the January 2026 ministerial, the G7’s members and China, and for the EU27, the G7 and the ministerial as a whole.`);

function threeViews(choice, seen) {
  const title = 'Three views of one dependence';
  if (!seen.rows.length) return card('views', title, null, { wide: 'span6' }, el('div', { class: 'reason' }, el('strong', {}, 'Not looked through'), el('p', {}, notLookedThrough(choice))));
  const option = (value) => { const [measure, denominator] = value.split(':'); return viewText({ measure, denominator }); };
  const tools = [el('select', { 'aria-label': 'Measure of the views', id: 'view', onchange: (event) => choose({ view: event.target.value }) },
    ...seen.options.map((value) => el('option', { value, selected: value === seen.view }, option(value))))];
  const settings = { wide: 'span6', sql: viewSql(choice, seen), tools };
  const empty = seen.rows.find((row) => row.origin_id === null);
  const subtitle = viewSubtitle('Who declares the sale, who refined it, who mined it', choice, seen);
  if (empty) return card('views', title, subtitle, settings, el('div', { 'data-roving': true }, asFigure(reasonBox('No view can be built', empty.null_reason), viewFigure(empty, 'declared_origin_share'))));
  const rows = topRows(seen.rows, 8);
  const head = el('li', { class: 'head' }, el('span', {}, 'Origin'), ...VIEWS.map(([, , label]) => el('span', {}, label)));
  const line = (row) => el('li', {}, el('span', { class: 'name' }, names.country(row.origin_id)),
    ...VIEWS.map(([column]) => el('span', { class: 'cell' }, bar(row[column], colour(row.origin_id)), figureText(viewFigure(row, column)))));
  const first = seen.rows[0];
  const unresolved = el('li', { class: 'rule3' }, el('span', { class: 'name', title: 'No maker can be named' }, 'Unresolved'), el('span', { class: 'cell' }),
    ...['refiner_unresolved_share', 'mine_unresolved_share'].map((column) => el('span', { class: 'cell' }, bar(first[column], 'c0'), figureText(viewFigure(first, column)))));
  return card('views', title, subtitle, settings, el('ul', { class: 'views', 'data-roving': true }, head, ...rows.map(line), unresolved),
    ...VIEWS.filter(([, reason]) => first[reason] !== null).map(([, reason, label]) => el('p', { class: 'note' }, `${label}: no figure. ${names.reason(first[reason])} `, el('code', {}, first[reason]))));
}

// What a card of views shows, its measure and its year; another year than the chosen one is told.
const viewSubtitle = (what, choice, seen) => [`${what}: share ${viewText(seen)}, `, yearText(seen.year, choice.year), '.'];

function topRows(rows, most) {
  const largest = (row) => Math.max(row.declared_origin_share ?? 0, row.refiner_origin_share ?? 0, row.mine_origin_share ?? 0);
  return [...rows].sort((a, b) => largest(b) - largest(a)).slice(0, most);
}

function flow(choice, seen) {
  const title = 'From mine to refiner to seller';
  if (!seen.rows.some((row) => row.origin_id !== null)) {
    const empty = seen.rows[0];
    return card('flow', title, null, { wide: 'span6' }, empty
      ? el('div', { 'data-roving': true }, asFigure(reasonBox('No flow can be drawn', empty.null_reason), viewFigure(empty, 'declared_origin_share')))
      : el('div', { class: 'reason' }, el('strong', {}, 'Not looked through'), el('p', {}, notLookedThrough(choice))));
  }
  const subtitle = [...viewSubtitle(`What ${the(choice.importer)} gets`, choice, seen), ' A ribbon joins one country’s parts. Whose ore went to which refiner nobody publishes, so that is not drawn.'];
  const first = seen.rows[0];
  const column = (share, head, unresolved) => {
    if (first[VIEW_REASON[share]] !== null) return { title: head, reason: first[VIEW_REASON[share]], parts: [] };
    const parts = seen.rows.filter((row) => row[share] !== null && row[share] >= 0.001)
      .sort((a, b) => (a.origin_id === 'CHN' ? -1 : b.origin_id === 'CHN' ? 1 : b[share] - a[share]))
      .map((row) => ({ key: row.origin_id, label: names.country(row.origin_id), short: row.origin_id, kind: colour(row.origin_id), figure: viewFigure(row, share) }));
    if (unresolved && first[unresolved] !== null && first[unresolved] > 0) parts.push({ key: 'unresolved', label: 'unresolved', short: 'unresolved', kind: 'unresolved', figure: viewFigure(first, unresolved) });
    return { title: head, parts };
  };
  const columns = [column('mine_origin_share', 'Mined in', 'mine_unresolved_share'), column('refiner_origin_share', 'Refined in', 'refiner_unresolved_share'), column('declared_origin_share', 'Sold by', null)];
  const node = card('flow', title, subtitle, { wide: 'span6', sql: viewSql(choice, seen) }, el('div', { class: 'plot', 'data-roving': true }));
  drawLater(node.querySelector('.plot'), (width) => ribbons({ columns, width, height: 440, end: importerName(choice.importer), label: 'Mined, refined and sold; arrows move from part to part' }));
  return node;
}

/* production and concentration */

// Series of one stage: source, form and basis, each with its year: the chosen one or the newest.
function productionSeries(choice, stage) {
  const seen = new Map();
  for (const row of D.tables.concentration.records({ mineral_id: choice.mineral, stage })) {
    const key = `${row.source_id}|${row.form}|${row.basis}`;
    if (!seen.has(key)) seen.set(key, []);
    seen.get(key).push(row);
  }
  const order = ['usgs_mcs', 'iea_critical_minerals', 'eu_crm', 'usgs_outlook'];
  return [...seen.entries()].map(([key, rows]) => ({ key, stage, rows, row: rows.find((row) => row.reference_year === choice.year) ?? rows[rows.length - 1] }))
    .sort((a, b) => (a.row.production_hhi_lower === null) - (b.row.production_hhi_lower === null) || order.indexOf(a.row.source_id) - order.indexOf(b.row.source_id));
}

const seriesText = (row) => `${D.words.sources[row.source_id] ?? row.source_id}, ${row.form.replaceAll('_', ' ')}`;

function productionWhere(row) {
  return { mineral_id: row.mineral_id, stage: row.stage, form: row.form, basis: row.basis, reference_year: row.reference_year, source_id: row.source_id, edition: row.edition, is_current_edition: true };
}

const CONCENTRATION_LABEL = { leader_share: 'Share of the largest producer', china_share: 'China’s share of production', production_hhi_lower: 'HHI of producers, lower bound', production_hhi_upper: 'HHI of producers, upper bound' };

function concentrationFigure(row, column) {
  const isLeader = column === 'leader_share';
  const flags = [row.is_edition_break ? 'edition_break' : null, row.excluded_producers ? 'excluded_producers' : null].filter(Boolean);
  return {
    label: `${CONCENTRATION_LABEL[column]}${isLeader && row.leader_country_iso3 ? ` (${names.country(row.leader_country_iso3)})` : ''}: ${topic(row)}, ${row.form}, ${row.reference_year}`,
    value: row[column], kind: column.includes('hhi') ? 'index' : 'share', column, table: 'mart_supplier_concentration',
    beside: ['leader_country_iso3', 'leader_count', 'coverage_share', 'excluded_producers', 'is_edition_break', column === 'china_share' ? 'china_null_reason' : 'null_reason'],
    where: productionWhere(row), source: row.source_id, edition: row.edition, flags: flags.join(',') || null,
    reason: column === 'china_share' ? row.china_null_reason : row.null_reason,
    more: [['Form and basis', `${row.form}, ${row.basis}`], ['Left out of the world total', row.excluded_producers], ['Method', 'docs/methods/supplier_concentration.md']],
  };
}

function concentration(choice) {
  const bands = ['act_now', 'watch'].filter((id) => D.thresholds.has(id)).map((id) => D.thresholds.get(id));
  const marks = bands.map((row) => row.value_low);
  const hhi = D.thresholds.get('act_now:hhi');
  const series = D.tables.stage.all().map((row) => productionSeries(choice, row.stage));
  const lines = series.flatMap((all) => all.slice(0, 4)).map(({ row }) => el('li', {},
    el('span', { class: 'name' }, names.stage(row.stage), el('small', {}, `${seriesText(row)}, ${row.reference_year}`)),
    el('span', { class: 'cell' }, bar(row.leader_share, row.leader_country_iso3 ? colour(row.leader_country_iso3) : 'c0', marks), el('span', { class: 'who' }, figureText(concentrationFigure(row, 'leader_share')), ' ', row.leader_country_iso3 ? names.country(row.leader_country_iso3) : '')),
    el('span', { class: 'cell' }, bar(row.china_share, 'china', marks), el('span', { class: 'who' }, figureText(concentrationFigure(row, 'china_share')))),
    el('span', { class: 'cell' }, range(row.production_hhi_lower, row.production_hhi_upper, 'ink', hhi ? [hhi.value_low] : []), el('span', { class: 'who' }, ...ends(concentrationFigure(row, 'production_hhi_lower'), concentrationFigure(row, 'production_hhi_upper'))))));
  const sql = `select stage, source_id, edition, form, basis, reference_year, leader_country_iso3, leader_share, china_share, production_hhi_lower, production_hhi_upper, null_reason\nfrom marts.mart_supplier_concentration\nwhere mineral_id = ${quoted(choice.mineral)} and is_current_edition\norder by stage, source_id, form, reference_year;`;
  const ticks = [...bands.map((row) => `${rounded(row.value_low)} (${row.assumption_id.replace('_', ' ')})`), hhi ? `HHI ${hhi.value_low} (act now)` : null].filter(Boolean).join(', ');
  return card('concentration', 'Concentration of world production', `On how few producers the world relies for ${plainMineral(choice.mineral)}: shares of world production, and the HHI of producers, near 0 for many and 1 for a single one. Ticks are our thresholds: ${ticks}.`, { wide: 'span12', sql },
    lines.length ? el('ul', { class: 'views conc', 'data-roving': true }, el('li', { class: 'head' }, el('span', {}, 'Stage, source and year'), el('span', {}, 'Largest producer'), el('span', {}, 'China'), el('span', {}, 'HHI, low to high')), ...lines)
      : reasonBox('Nobody publishes production by country', 'no_production_by_country'),
    series.some((all) => all.length > 4) ? el('p', { class: 'note' }, 'At most four series a stage are shown; the SQL gives all.') : null);
}

// Concentration of the importer's suppliers, year by year, against its threshold.
function supplierHhi(choice, all) {
  const title = 'Concentration of suppliers';
  const hhi = D.thresholds.get('act_now:hhi');
  const figure = (one) => ({ year: one.reference_year, figure: questionFigure(one, 'supplier_hhi', 'HHI of suppliers by value', 'index') });
  const answered = all.filter((one) => one.supplier_hhi !== null).map(figure);
  const options = { wide: 'span6', sql: `select distinct reference_year, supplier_hhi, source_id, edition, series_id, null_reason\nfrom marts.mart_import_dependency\nwhere importer_id = ${quoted(choice.importer)} and mineral_id = ${quoted(choice.mineral)} and stage = ${quoted(choice.stage)}\n    and series_level = ${quoted(all[0]?.series_level ?? 'mineral_stage')} and is_current_series\norder by reference_year;` };
  if (!all.length) return card('hhi', title, null, options, reasonBox('No trade is held for this stage', noTrade(choice)));
  if (!answered.length) {
    const last = all[all.length - 1];
    return card('hhi', title, null, options, el('div', { 'data-roving': true }, asFigure(reasonBox('No year has an answer', last.null_reason), figure(last).figure)));
  }
  const node = card('hhi', title, `HHI of the suppliers of ${the(choice.importer)}, by value: near 0 many, 1 a single one.`, options, el('div', { class: 'plot', 'data-roving': true }));
  drawLater(node.querySelector('.plot'), (width) => lineChart({
    lines: [{ key: 'HHI', label: 'HHI', colour: 'ink', points: answered }], gaps: all.filter((one) => one.supplier_hhi === null).map(figure),
    width, height: 300, chosen: choice.year, years: D.years, pick: (year) => choose({ year }), isIndex: true, label: 'Concentration index of suppliers over the years',
    marks: hhi ? [{ value: hhi.value_low, short: `act now ${hhi.value_low}`, label: `act now: above ${hhi.value_low}`, figure: thresholdFigure(hhi, 'act now') }] : [],
  }));
  return node;
}

function productionFigure(row) {
  return {
    label: `${names.country(row.country_iso3)} in world production: ${topic(row)}, ${row.form}, ${row.reference_year}`,
    value: row.production_share, column: 'production_share', table: 'mart_production_share',
    beside: ['value_status', 'is_estimated', 'coverage_share', 'excluded_producers', 'quality_flags', 'null_reason'],
    where: { ...productionWhere(row), country_iso3: row.country_iso3 }, source: row.source_id, edition: row.edition,
    flags: row.quality_flags, reason: row.null_reason,
    more: [['Form and basis', `${row.form}, ${row.basis}`], ['Status', row.is_estimated ? `${row.value_status}, the publisher’s estimate` : row.value_status], ['Left out of the world total', row.excluded_producers], ['Method', 'docs/methods/production_share.md']],
  };
}

function map(choice, asked, seen) {
  const series = productionSeries(choice, choice.stage);
  const kinds = [['imports', 'Sold by'], ['refiner_origin_share', 'Refined in'], ['mine_origin_share', 'Mined in'], ['production', 'World output']];
  const possible = {
    imports: asked && asked[REASON[choice.by]] === null,
    refiner_origin_share: seen.rows.some((row) => row.refiner_origin_share !== null), mine_origin_share: seen.rows.some((row) => row.mine_origin_share !== null),
    production: series.length > 0,
  };
  const kind = possible[choice.map] ? choice.map : kinds.map(([name]) => name).find((name) => possible[name]);
  const tools = [el('div', { class: 'segments small', role: 'radiogroup', 'aria-label': 'What the map shows' }, ...segments('map', kinds, kind, (value) => choose({ map: value }), (value) => !possible[value]))];
  let figureOf = () => null;
  let subtitle = 'Nothing to show for this choice.';
  let rest = [];
  let sql = null;
  if (kind === 'imports') {
    const found = new Map(asked.origins.filter((origin) => !isBloc(origin.origin_id)).map((origin) => [origin.origin_id, origin]));
    figureOf = (code) => (found.has(code) ? importFigure(asked, found.get(code), choice.by) : null);
    rest = [...found.keys()];
    sql = importSql(choice, asked, choice.year);
    subtitle = `Who sold it to ${the(choice.importer)}: share of imports, ${BY[choice.by]}, ${choice.year}. A plain tile is below 0.1% or has no record.`;
  } else if (kind === 'production') {
    const { row } = series[0];
    const found = new Map(D.tables.production.records({ mineral_id: row.mineral_id, stage: row.stage, source_id: row.source_id, form: row.form, basis: row.basis, reference_year: row.reference_year }).map((one) => [one.country_iso3, one]));
    figureOf = (code) => (found.has(code) ? productionFigure(found.get(code)) : null);
    rest = [...found.keys()];
    sql = `select country_iso3, production_share, value_status, excluded_producers, quality_flags, null_reason\nfrom marts.mart_production_share\nwhere mineral_id = ${quoted(row.mineral_id)} and stage = ${quoted(row.stage)} and reference_year = ${row.reference_year}\n    and source_id = ${quoted(row.source_id)} and form = ${quoted(row.form)} and basis = ${quoted(row.basis)} and is_current_edition\norder by production_share desc nulls last;`;
    subtitle = [`Share of world production, ${names.stage(choice.stage).toLowerCase()} (${seriesText(row)}), `, yearText(row.reference_year, choice.year), '. A plain tile is not named by the source.'];
  } else if (kind) {
    const found = new Map(seen.rows.filter((row) => row[kind] >= 0.001).map((row) => [row.origin_id, row]));
    figureOf = (code) => (found.has(code) ? viewFigure(found.get(code), kind) : null);
    rest = [...found.keys()];
    sql = viewSql(choice, seen);
    subtitle = [...viewSubtitle(kind === 'mine_origin_share' ? 'Where it was mined' : 'Where it was refined', choice, seen), ' A plain tile is below 0.1%.'];
  }
  const target = new Set(D.members.get(choice.importer) ?? [choice.importer]);
  const off = rest.filter((code) => !(code in D.tiles) && !isBloc(code));
  return card('map', 'Map of origins', subtitle, { wide: 'span12', tools, sql },
    ...kind ? tileMap(figureOf, target, `${isBlocImporter(choice.importer) ? 'members of ' : ''}${the(choice.importer)}`, 'Countries as tiles; arrows move from share to share') : [reasonBox('No answer to draw', asked?.null_reason ?? noTrade(choice))],
    off.length ? el('p', { class: 'note' }, `Without a tile: ${off.map(names.country).join(', ')}`) : null);
}
