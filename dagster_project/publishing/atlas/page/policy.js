// Cards of export controls, claims, and the sources behind all of it.

const STATUS_ORDER = ['active', 'unknown_after_expiry', 'suspended', 'announced', 'ended'];

// `when` is before or latest, `end` low or high.
const exposureShare = (row, when, end, by) => row[`${when}_${end}${by === 'tonnes' ? '_tonnes' : ''}_share`];
// What has a value and no tonnes lacks tonnes for too much of it.
const exposureReason = (row, when) => row[`${when}_null_reason`] ?? 'tonnage_not_published';
const spanOf = (row) => (row.first_year_before === null ? 'before' : row.first_year_before === row.last_year_before ? `${row.first_year_before}` : `mean of ${row.first_year_before}–${row.last_year_before}`);

function exposureFigure(row, when, end, by) {
  return {
    label: `${importerName(row.importer_id)}: share of imports that comes from under the control, ${BY[by]}, ${end === 'low' ? 'goods wholly covered' : 'with goods covered in part'}, ${row.item}${row.stage ? `, ${names.stage(row.stage).toLowerCase()}` : ''}, ${when === 'before' ? spanOf(row) : row.latest_year}`,
    value: exposureShare(row, when, end, by), column: `${SHARE[by]}_${when}_${end}`, table: 'mart_export_control_exposure',
    beside: ['status', 'scope', 'latest_series_id', 'quality_flags', `${when}_null_reason`],
    where: { on_date: row.on_date, event_id: row.event_id, item: row.item, importer_id: row.importer_id, series_level: 'mineral_stage', mineral_id: row.mineral_id, stage: row.stage },
    ...tradeBehind(row.importer_id, row.mineral_id, row.stage, when === 'before' ? row.last_year_before : row.latest_year), flags: row.quality_flags,
    reason: exposureReason(row, when),
    more: [['Series', D.words.series[row.latest_series_id]], ['Tonnes count', by === 'tonnes' ? row.quantity_basis : null], ['Method', 'docs/methods/export_control.md']],
  };
}

// Both ends of a share, or that there is none; the reason stands below the row.
function exposureCell(row, when, by, kind) {
  const [low, high] = ['low', 'high'].map((end) => exposureFigure(row, when, end, by));
  const years = el('small', {}, when === 'before' ? spanOf(row) : `latest, ${row.latest_year}`);
  if (low.value === null) return el('span', { class: 'cell' }, years, figureText(low));
  return el('span', { class: 'cell' }, years, range(low.value, high.value, kind), el('span', { class: 'who' }, ...ends(low, high)));
}

function exposures(parts, by, kind) {
  const why = (row) => [...new Set(['before', 'latest'].filter((when) => exposureShare(row, when, 'low', by) === null).map((when) => names.reason(exposureReason(row, when))))].join(' ');
  return parts.flatMap((row, index) => [
    el('div', { class: 'exposure' }, el('span', { class: 'name' }, row.stage ? names.stage(row.stage) : 'No customs line'), exposureCell(row, 'before', by, kind), exposureCell(row, 'latest', by, kind)),
    // Once for stages that lack it for the same reason.
    why(row) && (index + 1 === parts.length || why(parts[index + 1]) !== why(row)) ? el('p', { class: 'why' }, why(row)) : null,
  ]);
}

function controls(choice) {
  const dates = D.controlDates;
  const on = dates.includes(choice.on) ? choice.on : dates[dates.length - 1];
  const minerals = [choice.mineral, ...(D.related.get(choice.mineral) ?? [])];
  const exposed = minerals.flatMap((mineral) => D.tables.exposure.records({ importer_id: choice.importer, mineral_id: mineral, on_date: on }));
  const inForce = minerals.flatMap((mineral) => D.tables.control.records({ mineral_id: mineral }))
    .filter((row) => row.valid_from <= on && (row.valid_to === null || on < row.valid_to))
    .map((row) => ({ ...row, parts: exposed.filter((one) => one.mineral_id === row.mineral_id && one.event_id === row.event_id && one.item === row.item) }))
    .sort((a, b) => STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status) || (b.parts.length > 0) - (a.parts.length > 0));
  const tools = [el('label', { class: 'day' }, 'As of ', el('select', { id: 'on', onchange: (event) => choose({ on: event.target.value }) }, ...dates.map((date) => el('option', { selected: date === on }, date))))];
  const share = SHARE[choice.by];
  const sql = `select event_id, item, status, mineral_id, stage, ${share}_before_low, ${share}_before_high,\n    ${share}_latest_low, ${share}_latest_high, quality_flags, before_null_reason, latest_null_reason\nfrom marts.mart_export_control_exposure\nwhere on_date = ${quoted(on)} and importer_id = ${quoted(choice.importer)} and mineral_id in (${minerals.map(quoted).join(', ')})\n    and series_level = 'mineral_stage'\norder by status, event_id, item, stage;`;
  const aimed = (row) => (row.target_id === 'ALL' ? 'all countries' : the(row.target_id));
  const lines = inForce.map((row) => el('article', { class: `control ${row.status}` },
    el('header', {}, el('span', { class: `chip ${row.status}` }, D.words.statuses[row.status] ?? row.status), el('span', { class: 'since' }, `since ${row.valid_from}${row.valid_to ? ` until ${row.valid_to}` : ''}`),
      el('h3', {}, `${names.country(row.imposing_iso3)}: ${D.words.instruments[row.instrument] ?? row.instrument} ${row.item}`),
      el('p', {}, `${row.mineral_id === choice.mineral ? '' : `${names.mineral(row.mineral_id)} · `}against ${aimed(row)} · covers ${D.words.extents[row.extent] ?? row.extent}${row.scope_note ? ` (${row.scope_note})` : ''}`),
      el('p', {}, row.legal_ref ? `${row.legal_ref}. ` : '', row.source ? 'Source: ' : '', row.source ? link(row.source_url, row.source) : '', ` (dates: ${row.verified}; item: ${D.words.verifications[row.verification] ?? row.verification})`)),
    row.status_claims ? el('p', { class: 'note' }, row.status_claims) : null,
    row.parts.length ? el('div', { class: 'exposures' }, ...exposures(row.parts, choice.by, row.imposing_iso3 === 'CHN' ? 'china' : 'ink'))
      : el('p', { class: 'note' }, row.target_id === 'ALL' ? `No imports of ${the(choice.importer)} under it are held.` : `Not aimed at ${the(choice.importer)}.`)));
  const listed = D.tables.control.record(0);
  const isOld = new Date().toISOString().slice(0, 10) > listed.list_review_by;
  const checked = `The list of controls was last checked on ${listed.list_checked_on}: later ones are not in it${isOld ? `, and it should have been checked again by ${listed.list_review_by}` : ''}.`;
  return card('controls', 'Export controls', `Controls on ${plainMineral(choice.mineral)} as of ${on}, those in force first. ${checked} Beside each: what part of the imports of ${the(choice.importer)} comes from the country that controls, ${BY[choice.by]}; a range goes from goods wholly covered to those covered in part too. Shares of one country’s controls overlap: take the largest, never the sum.`, { wide: 'span12', sql, tools },
    lines.length ? el('div', { class: 'controls', 'data-roving': true }, ...lines) : el('div', { class: 'reason' }, el('strong', {}, 'No control on this day'), el('p', {}, 'The dated list of controls has none that names this mineral.')));
}

/* claims */

const CLAIM_COLUMNS = ['claim_id', 'measure', 'mineral_id', 'stage', 'party_id', 'counterparty_id', 'source_id', 'edition', 'reference_year', 'share_measure', 'sector', 'evidence_id', 'base_first_year', 'as_of_kind'];

function claimFigure(row, column) {
  const where = Object.fromEntries(CLAIM_COLUMNS.map((name) => [name, row[name]]));
  return {
    label: `${row.claim_id}: ${claimAbout(row)}`, value: row[`${column}_share`], column, table: 'mart_claim_check',
    beside: ['verdict', 'as_of', 'explanation'], where, source: row.source_id, edition: row.edition, flags: null,
    reason: 'not_applicable', more: [['Verdict', D.words.verdicts[row.verdict]], ['As of', row.as_of], ['Why', row.explanation], ['Known correction from', row.correction_source], ['Method', 'docs/methods/claim_check.md']],
  };
}

function claimAbout(row) {
  const parts = [row.mineral_id ? names.mineral(row.mineral_id) : null, row.stage ? names.stage(row.stage) : null, row.party_id ? names.country(row.party_id) : null,
    row.counterparty_id && row.counterparty_id !== row.party_id ? `and ${names.country(row.counterparty_id)}` : null, row.sector?.replaceAll('_', ' '), row.evidence_id, row.share_measure ? `by ${row.share_measure}` : null, row.reference_year, row.edition];
  return parts.filter(Boolean).join(' · ') || 'the claim as a whole';
}

function claims(choice) {
  const asof = choice.asof === 'claim_date' ? 'claim_date' : 'today';
  const grouped = new Map();
  for (const row of D.tables.claim.records({ as_of_kind: asof })) {
    if (!grouped.has(row.claim_id)) grouped.set(row.claim_id, []);
    grouped.get(row.claim_id).push(row);
  }
  const newest = [...grouped.values()].flat().map((row) => row.as_of).sort().at(-1);
  const tools = [el('div', { class: 'segments small', role: 'radiogroup', 'aria-label': 'Judged by what was known' }, ...segments('asof', [['claim_date', 'When said'], ['today', 'Today']], asof, (value) => choose({ asof: value })))];
  const sql = `select claim_id, claim_text, verdict, mineral_id, stage, source_id, edition, reference_year, computed_low, computed_high, explanation\nfrom marts.mart_claim_check\nwhere as_of_kind = ${quoted(asof)}\norder by claim_id, mineral_id, stage;`;
  // Claims about the chosen mineral first; of these and of the others by what their rows say.
  const order = Object.keys(D.words.verdicts);
  // Rows on the claim as a whole decide where it has them, else most rows; newer editions before older, and of a tie
  // what doesn't settle the claim.
  const verdictOf = (all) => {
    const newer = all.filter((row) => row.is_newest_known_edition);
    const known = newer.length ? newer : all;
    const whole = known.filter((row) => row.party_id === null);
    const rows = whole.length ? whole : known;
    return order.map((verdict, place) => [verdict, rows.filter((row) => row.verdict === verdict).length, place]).sort((a, b) => b[1] - a[1] || b[2] - a[2])[0][0];
  };
  const sorted = [...grouped.values()].map((rows) => {
    const mine = rows.filter((row) => row.mineral_id === choice.mineral);
    return { rows, isMine: mine.length > 0, verdict: verdictOf(mine.length ? mine : rows) };
  }).sort((a, b) => b.isMine - a.isMine || order.indexOf(a.verdict) - order.indexOf(b.verdict));
  const blocks = sorted.flatMap(({ rows, isMine, verdict }, index) => {
    const [first] = rows;
    const before = sorted[index - 1];
    const verdicts = Object.keys(D.words.verdicts).map((verdict) => [verdict, rows.filter((row) => row.verdict === verdict).length]).filter(([, found]) => found);
    const strip = el('span', { class: 'strip', 'aria-hidden': 'true' }, ...verdicts.map(([verdict, found]) => el('i', { class: verdict, style: `flex-grow:${found}` })));
    const details = el('details', { class: 'claim' }, el('summary', {}, el('span', { class: 'claimtext' }, first.claim_text),
      el('span', { class: 'chips' }, ...verdicts.map(([verdict, found]) => el('span', { class: `chip ${verdict}` }, `${D.words.verdicts[verdict]} ${found}`))), strip));
    details.addEventListener('toggle', () => { if (details.open && !details.dataset.filled) { details.dataset.filled = '1'; details.append(claimRows(choice, rows)); makeRoving(details); footnote(details.closest('.card')); } });
    const isNew = !before || before.isMine !== isMine || before.verdict !== verdict;
    return isNew ? [el('h3', {}, `${isMine ? `On ${plainMineral(choice.mineral)}` : 'On other minerals, or in general'}: ${D.words.verdicts[verdict]}`), details] : [details];
  });
  return card('claims', 'Claims and verdicts', `What the press said, and what the figures say of it, ${asof === 'today' ? `by what was published up to ${newest}` : 'by what was known when it was said'}. A heading is the verdict on the whole claim where there is one, else that of most rows, by the newest editions. The numbers count all judged rows: a mineral, place, source and year each. Open a claim for its rows.`, { wide: 'span12', sql, tools }, ...blocks);
}

function claimRows(choice, rows) {
  const mine = rows.filter((row) => row.mineral_id === choice.mineral);
  const shown = (mine.length ? mine : rows).slice(0, 30);
  const [first] = rows;
  const claimed = first.claimed_low_share === null ? null : `Claimed: ${rounded(first.claimed_low_share)}${first.claimed_high_share === first.claimed_low_share ? '' : ` to ${rounded(first.claimed_high_share)}`} (grey in the bars). `;
  return el('div', { class: 'claimbody' },
    el('p', { class: 'faint' }, `Said on ${first.claimed_on}. `, claimed, `${mine.length ? `Rows on ${plainMineral(choice.mineral)}` : 'First rows'}; the SQL gives all.`),
    el('ul', { class: 'claimrows', 'data-roving': true }, ...shown.map((row) => el('li', {}, el('span', { class: `chip ${row.verdict}` }, D.words.verdicts[row.verdict]),
      el('span', { class: 'about' }, claimAbout(row), el('small', {}, row.explanation)),
      row.computed_low_share === null ? el('span', { class: 'faint' }, 'no share to compare') : el('span', { class: 'cell' }, claimBar(row), el('span', { class: 'who' }, ...ends(claimFigure(row, 'computed_low'), claimFigure(row, 'computed_high'))))))));
}

function claimBar(row) {
  const node = range(row.claimed_low_share, row.claimed_high_share, 'c0') ?? el('span', { class: 'bar', 'aria-hidden': 'true' });
  const [low, high] = [row.computed_low_share, row.computed_high_share ?? row.computed_low_share].map((share) => Math.min(Math.max(share, 0), 1) * 100);
  node.append(el('em', { class: row.verdict, style: `left:${low}%;width:calc(${high - low}% + 9px)` }));
  return node;
}

function sources() {
  return card('sources', 'Sources, editions and terms', 'Print the credit line with any figure taken from here. CREDITS.md beside this page has them all.', { wide: 'span12' },
    el('ul', { class: 'sources' }, ...D.tables.source.all().map((row) => el('li', {}, el('strong', {}, link(row.landing_page, row.title)), el('span', {}, row.publisher), el('p', {}, row.credit_line), el('small', {}, link(row.licence_url, row.licence_title), ' · ', D.tables.edition.records({ source_id: row.source_id }).map((edition) => `${edition.edition} (${edition.released_on})`).join(', '))))));
}
