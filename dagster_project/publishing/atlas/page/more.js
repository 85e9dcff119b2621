// Cards of prices, of outlook and demand, of who passes a mineral on, and of the months that are held.

const plain = (token) => token.replaceAll('_', ' ').replace(/^./, (letter) => letter.toUpperCase()).replace(/\b(lme|us|cif|fob)\b/gi, (word) => word.toUpperCase());

// A scale from zero in four round steps that holds the largest value.
function roundTop(most) {
  const power = 10 ** Math.floor(Math.log10(most / 4));
  return 4 * power * [1, 2, 2.5, 5, 10].find((step) => 4 * power * step >= most);
}

/* prices */

function priceFigure(row, column = 'value_usd_per_tonne') {
  return {
    label: `${names.mineral(row.mineral_id)}, ${plain(row.price_label)}: price in ${row.reference_year}${column.endsWith('lower') ? ', at the least' : column.endsWith('upper') ? ', at the most' : ''}`,
    value: row[column], kind: 'usd', column, table: 'fct_price', beside: ['price_value', 'price_unit', 'price_basis', 'value_status', 'null_reason'],
    where: { mineral_id: row.mineral_id, price_label: row.price_label, period_kind: 'year', reference_year: row.reference_year, source_id: row.source_id, edition: row.edition, is_current_edition: true },
    source: row.source_id, edition: row.edition, flags: null, reason: row.null_reason,
    more: [['A tonne of', row.price_basis.replaceAll('_', ' ')], ['Method', 'docs/methods/price.md']],
  };
}

// Export controls of a mineral, one a day of beginning, oldest first.
function controlMarks(choice, [first, last]) {
  const seen = new Map();
  for (const mineral of [choice.mineral, ...(D.related.get(choice.mineral) ?? [])]) {
    for (const row of D.tables.control.records({ mineral_id: mineral })) {
      // The mean of a year stands in its middle.
      const year = Number(row.valid_from.slice(0, 4)) - 0.5 + (Number(row.valid_from.slice(5, 7)) - 1) / 12 + Number(row.valid_from.slice(8)) / 366;
      const isFirst = !seen.has(row.event_id) || row.valid_from < seen.get(row.event_id).on;
      if (isFirst && row.status === 'active' && year >= first && year <= last + 1) seen.set(row.event_id, { at: year, on: row.valid_from, text: `${names.country(row.imposing_iso3)}: ${D.words.instruments[row.instrument] ?? row.instrument} ${row.item}` });
    }
  }
  return [...seen.values()].sort((a, b) => (a.on < b.on ? -1 : 1)).map((mark, index) => ({ ...mark, number: index + 1 }));
}

function prices(choice) {
  const all = D.tables.price.records({ mineral_id: choice.mineral });
  const labels = new Map();
  for (const row of all) labels.set(`${row.price_label}:${row.source_id}`, [...(labels.get(`${row.price_label}:${row.source_id}`) ?? []), row]);
  const keys = [...labels.keys()].sort((a, b) => labels.get(b).length - labels.get(a).length || (a < b ? -1 : 1));
  if (!keys.length) return null;
  const key = keys.includes(choice.price) ? choice.price : keys[0];
  const rows = labels.get(key);
  const [{ price_label: label, source_id: source }] = rows;
  const name = (one) => { const [row] = labels.get(one); return `${plain(row.price_label)} (${D.words.sources[row.source_id] ?? row.source_id})`; };
  const tools = [el('select', { id: 'price', 'aria-label': 'Which price', onchange: (event) => choose({ price: event.target.value }) }, ...keys.map((one) => el('option', { value: one, selected: one === key }, name(one))))];
  const known = rows.filter((row) => row.value_usd_per_tonne !== null);
  const sql = `select reference_year, value_usd_per_tonne, value_usd_per_tonne_lower, value_usd_per_tonne_upper, price_basis, source_id, edition, null_reason\nfrom marts.fct_price\nwhere mineral_id = ${quoted(choice.mineral)} and price_label = ${quoted(label)} and source_id = ${quoted(source)}\n    and period_kind = 'year' and is_current_edition\norder by reference_year;`;
  const years = [Math.min(...rows.map((row) => row.reference_year)), Math.max(...rows.map((row) => row.reference_year))];
  const marks = controlMarks(choice, years);
  if (marks.some((mark) => mark.at > years[1])) years[1] += 1;
  const node = card('prices', `Price of ${plainMineral(choice.mineral)}, and export controls`, `${name(key)}, mean of the year in US dollars per tonne (${rows[0].price_basis.replaceAll('_', ' ')}), not corrected for inflation unless it says so. Numbered lines: the day a control on it began. What moves a price beside a control is not shown.`, { wide: 'span6', sql, tools },
    el('div', { class: 'plot', 'data-roving': true }), marks.length ? el('ol', { class: 'eventlist' }, ...marks.map((mark) => el('li', {}, `${mark.on} ${mark.text}`))) : el('p', { class: 'note' }, 'No export control on it began in these years.'));
  const plot = node.querySelector('.plot');
  if (!known.length) { plot.append(reasonBox('No price is published', rows[0].null_reason)); return node; }
  drawLater(plot, (width) => lineChart({
    lines: [{ key: 'US$/t', label: plain(label), colour: 'ink', points: known.map((row) => ({ year: row.reference_year, figure: priceFigure(row), low: row.value_usd_per_tonne_lower, high: row.value_usd_per_tonne_upper })) }],
    gaps: rows.filter((row) => row.value_usd_per_tonne === null).map((row) => ({ year: row.reference_year, figure: priceFigure(row) })),
    years, chosen: choice.year, marks: [], events: marks, width, height: 300, pick: null,
    top: roundTop(Math.max(...known.map((row) => Math.max(row.value_usd_per_tonne, row.value_usd_per_tonne_upper ?? 0)))), unit: 'US$ per tonne', label: 'Price over the years; arrows move from figure to figure',
  }));
  return node;
}

/* outlook and demand */

const SCENARIOS = { STEPS: 'stated policies', APS: 'announced pledges', NZE: 'net zero by 2050' };

function demandFigure(row) {
  return {
    label: `World demand for ${plainMineral(row.mineral_id)}, ${row.scenario === 'base_year' ? 'base year' : row.scenario}, ${row.reference_year}`, value: row.quantity_tonnes, kind: 'tonnes', column: 'quantity_tonnes', table: 'fct_demand',
    beside: ['basis', 'form', 'is_projection', 'value_status'], where: { mineral_id: row.mineral_id, scenario: row.scenario, demand_use: row.demand_use, form: row.form, basis: row.basis, reference_year: row.reference_year, source_id: row.source_id, edition: row.edition, is_current_edition: true },
    source: row.source_id, edition: row.edition, flags: null, reason: null, more: [['Scenario', row.scenario === 'base_year' ? 'none: the base year' : 'a projection, no observation'], ['Tonnes of', row.basis.replaceAll('_', ' ')], ['Method', 'docs/methods/supply_outlook_and_demand.md']],
  };
}

function outlookFigure(row) {
  const kind = row.outlook_kind === 'capacity' ? 'capacity with announced projects' : 'expected supply, base case';
  return {
    label: `World ${kind}: ${topic(row)}, ${row.reference_year}`, value: row.quantity_tonnes, kind: 'tonnes', column: 'quantity_tonnes', table: 'fct_supply_outlook', beside: ['basis', 'form', 'value_status'],
    where: { mineral_id: row.mineral_id, stage: row.stage, outlook_kind: row.outlook_kind, scenario: row.scenario, form: row.form, basis: row.basis, geography_kind: 'world', reference_year: row.reference_year, source_id: row.source_id, edition: row.edition, is_current_edition: true },
    source: row.source_id, edition: row.edition, flags: null, reason: null, more: [['Kind', `${kind}: no observation`], ['Tonnes of', row.basis.replaceAll('_', ' ')], ['Method', 'docs/methods/supply_outlook_and_demand.md']],
  };
}

function outlook(choice) {
  const demand = D.tables.demand.records({ mineral_id: choice.mineral });
  const supply = D.tables.outlook.records({ mineral_id: choice.mineral });
  if (!demand.length && !supply.length) return null;
  const base = demand.filter((row) => row.scenario === 'base_year');
  const point = (make) => (row) => ({ year: row.reference_year, figure: make(row) });
  const lines = Object.keys(SCENARIOS).map((scenario, index) => {
    const rows = demand.filter((row) => row.scenario === scenario);
    return { key: scenario, label: `Demand, ${scenario}`, colour: PALETTE[index], points: rows.length ? [...base, ...rows].map(point(demandFigure)) : [] };
  });
  const kinds = new Map();
  for (const row of supply) { const key = `${row.outlook_kind}:${row.stage}`; kinds.set(key, [...(kinds.get(key) ?? []), row]); }
  [...kinds.values()].forEach((rows, index) => lines.push({ key: rows[0].stage === 'mine' ? 'mined' : 'refined', label: `${rows[0].outlook_kind === 'capacity' ? 'Capacity' : 'Supply'}, ${names.stage(rows[0].stage).toLowerCase()}`, colour: PALETTE[3 + index], points: rows.map(point(outlookFigure)) }));
  const drawn = lines.filter((line) => line.points.length);
  const points = drawn.flatMap((line) => line.points);
  const years = [Math.min(...points.map(({ year }) => year)), Math.max(...points.map(({ year }) => year))];
  const basis = [...new Set([...demand, ...supply].map((row) => row.basis.replaceAll('_', ' ')))].join(', ');
  const sql = `select 'demand' as what, scenario, null as stage, reference_year, quantity_tonnes, basis, source_id, edition\nfrom marts.fct_demand\nwhere mineral_id = ${quoted(choice.mineral)} and demand_use = 'total' and is_current_edition\nunion all\nselect outlook_kind, scenario, stage, reference_year, quantity_tonnes, basis, source_id, edition\nfrom marts.fct_supply_outlook\nwhere mineral_id = ${quoted(choice.mineral)} and geography_kind = 'world' and is_current_edition\norder by what, scenario, stage, reference_year;`;
  const node = card('outlook', `Outlook and demand: ${plainMineral(choice.mineral)}`, `World totals as publishers expect them, in tonnes (${basis}). ${demand.length ? `Demand in the IEA’s scenarios: ${Object.entries(SCENARIOS).map(([id, text]) => `${id}, ${text}`).join('; ')}. ` : ''}Projections are no observations. A straight line joins the years that a publisher gives; nothing is known between them.`, { wide: 'span12', sql }, el('div', { class: 'plot', 'data-roving': true }));
  drawLater(node.querySelector('.plot'), (width) => lineChart({ lines: drawn, gaps: [], years, chosen: null, marks: [], width, height: 340, pick: null, top: roundTop(Math.max(...points.map(({ figure }) => figure.value))), unit: 'tonnes', isSparse: true, label: 'Demand and supply as expected; arrows move from figure to figure' }));
  return node;
}

/* who passes it on */

function networkFigure(row, column, what) {
  // Who buys without a weight has bought something.
  const passesNothing = row.supplier_count > 0 ? 'tonnage_not_published' : 'imports_nothing';
  const reason = { traced_loss_share: row.traced_null_reason, pass_through_share: passesNothing }[column] ?? row.null_reason;
  const trade = D.tables.series.records({ series_id: row.series_id })[0] ?? {};
  return {
    label: `${names.country(row.country_iso3)}, ${what}: ${topic(row)}, ${row.reference_year}`, value: row[column], column, table: 'mart_trade_network',
    beside: ['measure', 'trade_role', 'series_id', 'quality_flags', 'null_reason', 'role_null_reason', 'traced_null_reason'], where: { mineral_id: row.mineral_id, stage: row.stage, reference_year: row.reference_year, country_iso3: row.country_iso3 },
    source: trade.source_id ?? null, edition: trade.edition ?? null, flags: row.quality_flags, reason, more: [['Role', D.words.roles[row.trade_role] ?? null], ['Links weigh', D.words.measures[row.measure]], ['Series', D.words.series[row.series_id]], ['Method', 'docs/methods/trade_network.md']],
  };
}

function network(choice) {
  const all = D.tables.network.records({ mineral_id: choice.mineral, stage: choice.stage });
  if (!all.length) return null;
  const years = [...new Set(all.map((row) => row.reference_year))].sort();
  const year = years.includes(choice.year) ? choice.year : years.at(-1);
  const rows = all.filter((row) => row.reference_year === year);
  const title = 'Who stands between: exporters and what others would lose';
  const sql = `select country_name, trade_role, pass_through_share, declared_loss_share, traced_loss_share, most_dependent_importer_name, measure, quality_flags, null_reason, role_null_reason, traced_null_reason\nfrom marts.mart_trade_network\nwhere mineral_id = ${quoted(choice.mineral)} and stage = ${quoted(choice.stage)} and reference_year = ${year}\norder by declared_loss_share desc nulls last;`;
  if (rows[0].country_iso3 === null) return card('network', title, null, { wide: 'span12', sql }, reasonBox('No network can be built', rows[0].null_reason));
  const subtitle = [`World trade of ${goods(choice.mineral, choice.stage)}, ${D.words.measures[rows[0].measure]}, `, yearText(year, choice.year), '. “Declared”: what part of all others’ imports comes from it. “Made”: what part it made itself, as far as trade can be looked through; where that is smaller, it passes on what others made. “Could pass on”: the smaller of its imports and exports, over its imports.'];
  const line = (row) => el('li', {}, el('span', { class: 'name' }, names.country(row.country_iso3), el('small', {}, D.words.roles[row.trade_role] ?? names.reason(row.role_null_reason))),
    ...[['declared_loss_share', 'part of all others’ imports declared from it'], ['traced_loss_share', 'part of all others’ imports that it made'], ['pass_through_share', 'part of its imports that it could pass on']].map(([column, what]) => el('span', { class: 'cell' }, bar(row[column], colour(row.country_iso3)), el('span', { class: 'who' }, figureText(networkFigure(row, column, what))))));
  return card('network', title, subtitle, { wide: 'span12', sql }, el('ul', { class: 'views conc', 'data-roving': true }, el('li', { class: 'head' }, el('span', {}, 'Exporter and role'), el('span', {}, 'Declared'), el('span', {}, 'Made'), el('span', {}, 'Could pass on')),
    ...rows.sort((a, b) => b.declared_loss_share - a.declared_loss_share).slice(0, 8).map(line)));
}

/* months that are held: the newest of each line, and the year so far of the United States */

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

function monthFigure(row, column, what) {
  const stored = column === 'twelve_months_share' ? 'value_share_twelve_months' : column;
  return {
    label: `${names.country(row.origin_id)}, ${what}: imports of ${importerName(row.importer_id)} on line ${row.hs6}, ${MONTHS[row.reference_month - 1]} ${row.reference_year}`,
    value: row[column], kind: { value: row.currency === 'USD' ? 'dollars' : 'amount', change_share: 'change' }[column], column: stored, table: 'mart_trade_month', beside: ['currency', 'is_mixed_line', 'null_reason', 'trailing_share_null_reason', 'change_null_reason'],
    where: { importer_id: row.importer_id, source_id: row.source_id, hs6: row.hs6, origin_id: row.origin_id, reference_year: row.reference_year, reference_month: row.reference_month },
    source: row.source_id, edition: row.edition, flags: row.is_mixed_line ? 'mixed_line' : null, reason: { value: row.null_reason, change_share: row.change_null_reason }[column] ?? row.trailing_share_null_reason, more: [['Currency', row.currency], ['Method', 'docs/methods/trade_month.md']],
  };
}

function months(choice) {
  const lines = new Map();
  for (const row of D.tables.month.records({ importer_id: choice.importer })) {
    if (!row.mineral_ids.split(',').includes(choice.mineral)) continue;
    const key = `${row.hs6}, ${D.words.sources[row.source_id] ?? row.source_id}`;
    lines.set(key, [...(lines.get(key) ?? []), row]);
  }
  if (!lines.size) return null;
  const sql = `select hs6, source_id, reference_year, reference_month, origin_name, currency, value, value_share_twelve_months, change_share,\n    null_reason, trailing_share_null_reason, change_null_reason\nfrom marts.mart_trade_month\nwhere importer_id = ${quoted(choice.importer)} and list_contains(string_split(mineral_ids, ','), ${quoted(choice.mineral)})\norder by hs6, source_id, reference_year desc, reference_month desc, value desc nulls last;`;
  const line = (row) => el('li', {}, el('span', { class: 'name' }, names.country(row.origin_id)), ...[['value', 'imports of the month'], ['change_share', 'change against the month a year before'], ['twelve_months_share', 'part of twelve months']].map(([column, what]) => el('span', {}, figureText(monthFigure(row, column, what)))));
  return card('months', `Newest month: what ${the(choice.importer)} imported`, 'By customs line, of all stages of the mineral: the newest month that is held, its change against the same month a year before, and each origin’s part of the twelve months up to it, by value.', { wide: 'span12', sql },
    ...[...lines].flatMap(([key, rows]) => [el('h3', {}, `Line ${key}: ${MONTHS[rows[0].reference_month - 1]} ${rows[0].reference_year}, ${rows[0].currency}`),
      el('ul', { class: 'yeartodate', 'data-roving': true }, el('li', { class: 'head' }, el('span', {}, 'From'), el('span', {}, 'month'), el('span', {}, 'change'), el('span', {}, 'twelve months')), ...rows.slice(0, 6).map(line))]));
}

function yearToDateFigure(row, column) {
  const months = `January to ${MONTHS[row.period_month_count - 1]}`;
  return {
    label: `US imports from ${names.country(row.partner_iso3)}, ${row.hs4_name}, ${months} ${column === 'value_usd_year_before' ? row.reference_year - 1 : row.reference_year}${column === 'change_share' ? ', change against the year before' : ''}`,
    value: row[column], kind: column === 'change_share' ? 'change' : 'dollars', column, table: 'mart_us_trade_change', beside: ['verdict', 'null_reason', 'value_status'],
    where: { flow: 'import', measure: 'value', period_kind: 'year_to_date', hs4: row.hs4, partner_iso3: row.partner_iso3, reference_year: row.reference_year, source_id: row.source_id, edition: row.edition },
    source: row.source_id, edition: row.edition, flags: null, reason: row.null_reason, more: [['Other goods of the heading', row.other_goods], ['Method', 'docs/methods/us_trade.md']],
  };
}

function yearToDate(choice) {
  if (choice.importer !== 'USA') return null;
  const rows = D.tables.us_trade.all().filter((row) => row.mineral_ids.split(',').includes(choice.mineral) && (row.value_usd > 0 || row.value_usd_year_before > 0));
  if (!rows.length) return null;
  const [{ reference_year: year, period_month_count: months }] = rows;
  const headings = new Map();
  for (const row of rows) headings.set(row.hs4, [...(headings.get(row.hs4) ?? []), row]);
  const line = (row) => el('li', {}, el('span', { class: 'name' }, names.country(row.partner_iso3), row.verdict ? el('small', {}, row.verdict.replaceAll('_', ' ')) : null), ...['value_usd', 'value_usd_year_before', 'change_share'].map((column) => el('span', {}, figureText(yearToDateFigure(row, column)))));
  const sql = `select hs4, hs4_name, partner_name, value_usd, value_usd_year_before, change_share, verdict, null_reason\nfrom marts.mart_us_trade_change\nwhere flow = 'import' and measure = 'value' and period_kind = 'year_to_date' and reference_year = ${year}\n    and list_contains(string_split(mineral_ids, ','), ${quoted(choice.mineral)})\norder by hs4, value_usd desc nulls last;`;
  return card('yeartodate', `The year so far: US imports, first ${months} months of ${year}`, `In US dollars, against the same months of ${year - 1}, by heading of four digits and partner. A heading may hold other goods too. Partners with nothing in both years are in the SQL.`, { wide: 'span12', sql },
    ...[...headings.values()].flatMap((those) => [el('h3', {}, `${those[0].hs4} ${those[0].hs4_name}${those[0].other_goods ? `; with ${those[0].other_goods}` : ''}`),
      el('ul', { class: 'yeartodate', 'data-roving': true }, el('li', { class: 'head' }, el('span', {}, 'From'), el('span', {}, String(year)), el('span', {}, String(year - 1)), el('span', {}, 'change')), ...those.sort((a, b) => (b.value_usd ?? 0) - (a.value_usd ?? 0)).slice(0, 6).map(line))]));
}
