// Cards of export controls, claims, and the sources behind all of it.

const STATUS_ORDER = ['active', 'unknown_after_expiry', 'suspended', 'announced', 'ended'];

function exposureFigure(row, column, what) {
  const years = column.startsWith('before') ? `${row.first_year_before}–${row.last_year_before}` : row.latest_year;
  const real = `value_share_${column.replace('_share', '')}`;
  return {
    label: `${importerName(row.importer_id)}: imports that come from under the control, ${what}, ${row.item}, ${names.stage(row.stage)}, ${years}`,
    value: row[column], column: real, table: 'mart_export_control_exposure',
    beside: ['status', 'scope', 'latest_series_id', 'quality_flags', column.startsWith('before') ? 'before_null_reason' : 'latest_null_reason'],
    where: { on_date: row.on_date, event_id: row.event_id, item: row.item, importer_id: row.importer_id, series_level: 'mineral_stage', mineral_id: row.mineral_id, stage: row.stage },
    ...tradeBehind(row.importer_id, row.mineral_id, row.stage, row.latest_year, row.latest_series_id), flags: row.quality_flags,
    reason: column.startsWith('before') ? row.before_null_reason : row.latest_null_reason,
    more: [['Series', D.words.series[row.latest_series_id]], ['Method', 'docs/methods/export_control.md']],
  };
}

function controls(choice) {
  const dates = D.controlDates;
  const on = dates.includes(choice.on) ? choice.on : dates[dates.length - 1];
  const inForce = D.tables.control.records({ mineral_id: choice.mineral })
    .filter((row) => row.valid_from <= on && (row.valid_to === null || on < row.valid_to))
    .sort((a, b) => STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status));
  const exposed = D.tables.exposure.records({ importer_id: choice.importer, mineral_id: choice.mineral, on_date: on });
  const tools = [el('select', { id: 'on', 'aria-label': 'Day asked for', onchange: (event) => choose({ on: event.target.value }) }, ...dates.map((date) => el('option', { selected: date === on }, date)))];
  const sql = `select event_id, item, status, stage, value_share_before_low, value_share_before_high,\n    value_share_latest_low, value_share_latest_high, quality_flags, before_null_reason, latest_null_reason\nfrom marts.mart_export_control_exposure\nwhere on_date = ${quoted(on)} and importer_id = ${quoted(choice.importer)} and mineral_id = ${quoted(choice.mineral)}\n    and series_level = 'mineral_stage'\norder by status, event_id, item, stage;`;
  const pair = (row, before) => {
    const [low, high] = before ? ['before_low_share', 'before_high_share'] : ['latest_low_share', 'latest_high_share'];
    const years = before ? (row.first_year_before ? `mean of ${row.first_year_before}–${row.last_year_before}` : 'before') : `latest, ${row.latest_year}`;
    if (row[low] === null) return el('span', { class: 'cell' }, el('small', {}, years), figureText(exposureFigure(row, low, 'goods wholly covered')), el('small', {}, names.reason(row[before ? 'before_null_reason' : 'latest_null_reason'])));
    return el('span', { class: 'cell' }, el('small', {}, years), range(row[low], row[high], 'china'),
      el('span', { class: 'who' }, ...ends(row[low], row[high], exposureFigure(row, low, 'goods wholly covered'), exposureFigure(row, high, 'with goods covered in part'))));
  };
  const lines = inForce.map((row) => {
    const parts = exposed.filter((one) => one.event_id === row.event_id && one.item === row.item);
    return el('article', { class: `control ${row.status}` },
      el('header', {}, el('span', { class: `chip ${row.status}` }, D.words.statuses[row.status] ?? row.status),
        el('h3', {}, `${names.country(row.imposing_iso3)}: ${row.instrument} on ${row.item}`),
        el('p', {}, `Against ${row.target === 'ALL' ? 'all' : names.country(row.target)} · ${row.extent} · since ${row.valid_from}${row.valid_to ? ` until ${row.valid_to}` : ''} · ${row.verified}`, row.legal_ref ? ` · ${row.legal_ref}` : '')),
      row.status_claims ? el('p', { class: 'note' }, row.status_claims) : null,
      parts.length ? el('div', { class: 'exposures' }, ...parts.map((one) => el('div', { class: 'exposure' }, el('span', { class: 'name' }, one.stage ? names.stage(one.stage) : 'No line'), pair(one, true), pair(one, false))))
        : el('p', { class: 'note' }, `${The(choice.importer)} is not aimed at, or the marts hold no exposure for it.`));
  });
  return card('controls', 'Export controls', `On ${on}, ${names.mineral(choice.mineral)}. Beside each: what part of the imports of ${the(choice.importer)} comes from the country that controls, by value.`, { wide: 'span12', sql, tools },
    lines.length ? el('div', { class: 'controls', 'data-roving': true }, ...lines) : el('div', { class: 'reason' }, el('strong', {}, 'No control on this day'), el('p', {}, 'The dated list of controls has none that names this mineral.')));
}

/* claims */

const CLAIM_COLUMNS = ['claim_id', 'measure', 'mineral_id', 'stage', 'geography_id', 'partner_id', 'source_id', 'edition', 'reference_year', 'share_measure', 'sector', 'evidence_id', 'base_first_year', 'as_of_kind'];

function claimFigure(row, column) {
  const where = Object.fromEntries(CLAIM_COLUMNS.map((name) => [name, row[name]]));
  return {
    label: `${row.claim_id}: ${claimAbout(row)}`, value: row[`${column}_share`], column, table: 'mart_claim_check',
    beside: ['verdict', 'as_of', 'explanation'], where, source: row.source_id, edition: row.edition, flags: null,
    reason: 'not_applicable', more: [['Verdict', D.words.verdicts[row.verdict]], ['As of', row.as_of], ['Why', row.explanation], ['Known correction from', row.correction_source], ['Method', 'docs/methods/claim_check.md']],
  };
}

function claimAbout(row) {
  const parts = [row.mineral_id ? names.mineral(row.mineral_id) : null, row.stage ? names.stage(row.stage) : null, row.geography_id ? names.country(row.geography_id) : null,
    row.partner_id && row.partner_id !== row.geography_id ? `and ${names.country(row.partner_id)}` : null, row.sector?.replaceAll('_', ' '), row.evidence_id, row.share_measure ? `by ${row.share_measure}` : null, row.reference_year, row.edition];
  return parts.filter(Boolean).join(' · ') || 'the claim as a whole';
}

function claims(choice) {
  const asof = choice.asof === 'claim_date' ? 'claim_date' : 'today';
  const grouped = new Map();
  for (const row of D.tables.claim.records({ as_of_kind: asof })) {
    if (!grouped.has(row.claim_id)) grouped.set(row.claim_id, []);
    grouped.get(row.claim_id).push(row);
  }
  const tools = [el('div', { class: 'segments small', role: 'radiogroup', 'aria-label': 'Judged by what was known' }, ...segments('asof', [['claim_date', 'When said'], ['today', 'Today']], asof, (value) => choose({ asof: value })))];
  const sql = `select claim_id, claim_text, verdict, mineral_id, stage, source_id, edition, reference_year, computed_low, computed_high, explanation\nfrom marts.mart_claim_check\nwhere as_of_kind = ${quoted(asof)}\norder by claim_id, mineral_id, stage;`;
  const blocks = [...grouped.values()].map((rows) => {
    const [first] = rows;
    const verdicts = Object.keys(D.words.verdicts).filter((verdict) => rows.some((row) => row.verdict === verdict));
    const waffle = el('span', { class: 'waffle', 'aria-hidden': 'true' }, ...rows.slice(0, 240).map((row) => el('i', { class: row.verdict })));
    const details = el('details', { class: 'claim' }, el('summary', {}, el('span', { class: 'claimtext' }, first.claim_text),
      el('span', { class: 'chips' }, ...verdicts.map((verdict) => el('span', { class: `chip ${verdict}` }, D.words.verdicts[verdict]))), waffle));
    details.addEventListener('toggle', () => { if (details.open && !details.dataset.filled) { details.dataset.filled = '1'; details.append(claimRows(choice, rows)); makeRoving(details); } });
    return details;
  });
  return card('claims', 'Claims and verdicts', 'What the press said, and what the figures say of it; a square for each mineral, place, source and year that was judged.', { wide: 'span12', sql, tools }, ...blocks);
}

function claimRows(choice, rows) {
  const mine = rows.filter((row) => row.mineral_id === choice.mineral);
  const shown = (mine.length ? mine : rows).slice(0, 30);
  const [first] = rows;
  const claimed = first.claimed_low_share === null ? null : `Claimed: ${percent(first.claimed_low_share)}${first.claimed_high_share === first.claimed_low_share ? '' : ` to ${percent(first.claimed_high_share)}`}. `;
  return el('div', { class: 'claimbody' },
    el('p', { class: 'faint' }, `Said on ${first.claimed_on}. `, claimed, `${mine.length ? `Rows on ${names.mineral(choice.mineral)}` : 'First rows'}; the SQL gives all.`),
    el('ul', { class: 'claimrows', 'data-roving': true }, ...shown.map((row) => el('li', {}, el('span', { class: `chip ${row.verdict}` }, D.words.verdicts[row.verdict]),
      el('span', { class: 'about' }, claimAbout(row), el('small', {}, row.explanation)),
      row.computed_low_share === null ? el('span', { class: 'faint' }, 'not a number') : el('span', { class: 'cell' }, claimBar(row), el('span', { class: 'who' }, ...ends(row.computed_low_share, row.computed_high_share, claimFigure(row, 'computed_low'), claimFigure(row, 'computed_high'))))))));
}

function claimBar(row) {
  const node = range(row.claimed_low_share, row.claimed_high_share, 'c0') ?? el('span', { class: 'bar', 'aria-hidden': 'true' });
  node.append(el('em', { class: row.verdict, style: `left:${Math.min(Math.max(row.computed_low_share, 0), 1) * 100}%` }));
  return node;
}

function sources() {
  return card('sources', 'Sources, editions and terms', 'Print the credit line with any figure taken from here. CREDITS.md beside this page has them all.', { wide: 'span12' },
    el('ul', { class: 'sources' }, ...D.tables.source.all().map((row) => el('li', {}, el('strong', {}, row.title), el('span', {}, row.publisher), el('p', {}, row.credit_line), el('small', {}, row.licence_title, ' · ', D.tables.edition.records({ source_id: row.source_id }).map((edition) => `${edition.edition} (${edition.released_on})`).join(', '))))));
}
