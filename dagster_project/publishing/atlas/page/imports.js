// Cards of mart_import_dependency: the headline, suppliers over time, suppliers of the year, the map.

const SHARE = { value: 'value_share', tonnes: 'quantity_share' };
const REASON = { value: 'null_reason', tonnes: 'quantity_null_reason' };
const BY = { value: 'by value', tonnes: 'by tonnes' };

function importWhere(asked) {
  return {
    importer_id: asked.importer_id, series_level: asked.series_level,
    ...(asked.series_level === 'hs6' ? { hs6: asked.hs6 } : {}),
    mineral_id: asked.mineral_id, stage: asked.stage, reference_year: asked.reference_year, is_current_series: true,
  };
}

const topic = (asked) => `${names.mineral(asked.mineral_id)}, ${names.stage(asked.stage).toLowerCase()}`;

function importMore(asked) {
  return [
    ['Series', D.words.series[asked.series_id] ?? asked.series_id],
    ['Customs line', asked.hs6],
    ['Tonnes count', asked.quantity_basis],
    ['Method', 'docs/methods/import_dependency.md'],
  ];
}

function importFigure(asked, origin, by) {
  return {
    label: `${names.country(origin.origin_id)} in imports of ${importerName(asked.importer_id)}: ${topic(asked)}, ${asked.reference_year}, ${BY[by]}`,
    value: origin[SHARE[by]], column: SHARE[by], table: 'mart_import_dependency',
    beside: ['source_id', 'edition', 'series_id', 'quality_flags', REASON[by]],
    where: { ...importWhere(asked), origin_id: origin.origin_id },
    source: asked.source_id, edition: asked.edition, flags: origin.quality_flags,
    reason: origin[REASON[by]] ?? origin.null_reason, more: importMore(asked),
  };
}

// The figure of a question without an answer.
function noAnswer(asked, by) {
  return {
    label: `Imports of ${importerName(asked.importer_id)}: ${topic(asked)}, ${asked.reference_year}, ${BY[by]}`,
    value: null, column: SHARE[by], table: 'mart_import_dependency', beside: ['source_id', 'edition', 'quality_flags', REASON[by]],
    where: importWhere(asked), source: asked.source_id, edition: asked.edition, flags: null,
    reason: asked[REASON[by]] ?? asked.null_reason, more: importMore(asked),
  };
}

function questionFigure(asked, column, label, kind) {
  return {
    label: `${label}: ${importerName(asked.importer_id)}, ${topic(asked)}, ${asked.reference_year}`,
    value: asked[column], kind, column, table: 'mart_import_dependency', distinct: true,
    beside: ['source_id', 'edition', 'series_id'], where: importWhere(asked),
    source: asked.source_id, edition: asked.edition, flags: asked.origins[0]?.quality_flags ?? null,
    reason: asked.null_reason ?? 'no_imports_recorded', more: importMore(asked),
  };
}

const isBloc = (code) => code in D.words.origins;

// Countries that have a share, the largest first.
function ranked(asked, by) {
  return asked.origins
    .filter((origin) => !isBloc(origin.origin_id) && origin[SHARE[by]] !== null)
    .sort((a, b) => b[SHARE[by]] - a[SHARE[by]]);
}

// Countries that sold some, and whose share by this measure can't be told.
const untold = (asked, by) => asked.origins.filter((origin) => !isBloc(origin.origin_id) && origin[SHARE[by]] === null && origin[REASON[by]] !== 'inside_the_bloc');

// The country of the largest share; null where another sold more by the tonnes that are known of it, which are too few for a share.
const leaderOf = (asked, by) => (isLeaderUnweighed(asked, by) ? null : ranked(asked, by)[0] ?? null);
const isLeaderUnweighed = (asked, by) => by === 'tonnes' && asked.unweighed_leader_id !== null;
const unweighedFigure = (asked) => importFigure(asked, asked.origins.find((origin) => origin.origin_id === asked.unweighed_leader_id)
  ?? { origin_id: asked.unweighed_leader_id, quantity_share: null, quality_flags: null, quantity_null_reason: 'tonnage_partly_published' }, 'tonnes');

// What else the release knows of a question that trade refuses, largest share first.
const evidenceOf = (choice) => D.tables.evidence.records({
  importer_id: choice.importer, mineral_id: choice.mineral, stage: choice.stage, reference_year: choice.year,
});
const evidenceToldOf = (choice) => evidenceOf(choice).filter((row) => row.origin_kind !== 'rest' && (row.evidence_share !== null || isBounded(row)));
const evidenceYears = (row) => (row.period_from_year === row.period_to_year ? String(row.period_to_year) : `mean of ${row.period_from_year}–${row.period_to_year}`);
const evidenceName = (row) => `${D.words.evidence[row.evidence_kind]}, ${evidenceYears(row)}`;

const EVIDENCE = { share: 'evidence_share', share_lower: 'evidence_lower_share', share_upper: 'evidence_upper_share' };
const isBounded = (row) => row.evidence_share === null && row.evidence_lower_share !== null && row.evidence_upper_share !== null;
// One figure, or both ends where the publisher gives bounds.
const evidenceFigures = (row, more) => (isBounded(row) ? [figureText(evidenceFigure(row, 'share_lower'), more), ' to ', figureText(evidenceFigure(row, 'share_upper'), more)] : [figureText(evidenceFigure(row), more)]);

function evidenceFigure(row, column = 'share') {
  return {
    label: `${names.country(row.origin_id)} in ${D.words.evidence_denominators[row.denominator]} of ${importerName(row.importer_id)}: ${topic(row)}, ${evidenceName(row)}`,
    value: row[EVIDENCE[column]], column, table: 'mart_import_evidence',
    beside: ['source_id', 'edition', 'denominator', 'share_measure', 'period_from_year', 'period_to_year', 'quality_flags', 'null_reason'],
    where: {
      importer_id: row.importer_id, mineral_id: row.mineral_id, stage: row.stage, reference_year: row.reference_year,
      evidence_kind: row.evidence_kind, goods: row.goods, origin_id: row.origin_id, is_best_evidence: true,
    },
    source: row.source_id, edition: row.edition, flags: row.quality_flags, reason: row.null_reason,
    more: [['Evidence', evidenceName(row)], ['Goods', row.goods], ['Share of', D.words.evidence_denominators[row.denominator]], ['Share by', row.share_measure], ['Method', 'docs/methods/import_evidence.md']],
  };
}

function evidenceList(choice) {
  const known = evidenceOf(choice);
  if (!known.length) return [];
  const order = (row) => (row.origin_kind === 'rest' ? 1 : 0);
  return [el('p', { class: 'note' }, `${evidenceName(known[0])}: shares of ${D.words.evidence_denominators[known[0].denominator]}.`),
    el('ul', { class: 'rows', 'data-roving': true }, ...known.sort((a, b) => order(a) - order(b)).slice(0, 10).map((row) => el('li', {},
      el('span', { class: 'name' }, row.origin_kind === 'rest' ? 'Others, unnamed' : names.country(row.origin_id)),
      isBounded(row) ? range(row.evidence_lower_share, row.evidence_upper_share, colour(row.origin_id)) : bar(row.evidence_share, colour(row.origin_id)) ?? el('span', {}),
      el('span', { class: 'main ends' }, ...evidenceFigures(row)))))];
}

const mineralButton = (id, text) => el('button', { type: 'button', class: 'link', onclick: () => choose({ mineral: id }) }, text);

function mixedNote(choice) {
  const found = D.tables.mixed_in.records({ mineral_id: choice.mineral, stage: choice.stage });
  if (!found.length) return null;
  const groups = [...new Set(found.map((row) => row.group_id))].filter((id) => id in D.words.groups || D.minerals.has(id));
  return el('p', { class: 'note' }, 'Customs lines of this stage that hold other minerals too: ', el('code', {}, found.map((row) => row.hs6).join(', ')), '. ',
    ...groups.map((id) => mineralButton(id, `See ${names.mineral(id)}`)));
}

function headline(choice, asked) {
  const line = document.getElementById('headline');
  forgetFigures(line);
  const subject = subjectOf(choice);
  document.title = `${subject} — Chokepoint atlas`;
  line.setAttribute('data-roving', '');
  const first = asked && leaderOf(asked, choice.by);
  if (asked && isLeaderUnweighed(asked, choice.by)) {
    line.append(el('small', {}, subject), el('span', {}, `${The(asked.unweighed_leader_id)} sold the most of the ${goods(choice.mineral, choice.stage)} that ${the(choice.importer)} imported in ${choice.year}, by the tonnes that are known. Its share: `, figureText(unweighedFigure(asked)), '.'),
      el('span', { class: 'because' }, D.words.reasons.origin_tonnage_partly_published));
    return;
  }
  if (!first) {
    const reason = names.reason(asked ? asked[REASON[choice.by]] ?? asked.null_reason : noTrade(choice));
    const known = evidenceToldOf(choice);
    if (!known.length) {
      line.append(el('small', {}, subject), el('span', {}, `Who sold ${the(choice.importer)} ${goods(choice.mineral, choice.stage)} in ${choice.year} can’t be told.`), el('span', { class: 'because' }, reason));
      return;
    }
    // Another publication knows: it says so, and why the trade of the year does not.
    const [largest, ...others] = known;
    const isOfImports = largest.denominator === 'imports';
    line.append(el('small', {}, subject), el('span', {}, `${The(largest.origin_id)} supplied `, ...evidenceFigures(largest), isOfImports ? ` of the ${goods(choice.mineral, choice.stage)} that ${the(choice.importer)} imported` : ` of the ${goods(choice.mineral, choice.stage)} in ${the(choice.importer)}, own output included`, ` (${evidenceName(largest)}).`),
      el('span', { class: 'because' }, others.length ? 'Next: ' : '', ...others.slice(0, 2).flatMap((row, index) => [index ? ', ' : '', `${names.country(row.origin_id)} `, ...evidenceFigures(row)]), others.length ? '. ' : '', `No trade series answers. ${reason}`));
    return;
  }
  const outside = asked.extra_bloc_share !== null && isBlocImporter(choice.importer);
  const isPart = flagsOf({ flags: first.quality_flags }).includes('lines_missing');
  const mayDiffer = isPart && leaderMayDiffer(choice, asked);
  const share = importFigure(asked, first, choice.by);
  if (mayDiffer) share.flags = `leader_of_lines_held,${share.flags}`;
  line.append(el('small', {}, subject), el('span', {}, `${The(first.origin_id)} sold `,
    figureText(share), ` of the ${goods(choice.mineral, choice.stage)} that ${the(choice.importer)} imported${outside ? ' from outside' : ''} in ${choice.year}, ${BY[choice.by]}${isPart ? ', of the lines held' : ''}.`));
  if (asked.series_id === 'comext_cn8') line.append(el('span', { class: 'because' }, 'As EU members declare it, on customs codes of eight digits. '));
  if (isPart) line.append(el('span', { class: 'because' }, `The stage has more customs lines than those held${mayDiffer ? '; they could make another country the leader' : ''}.`));
}

// As `mart_headline` judges, of the year that it tells of.
const leaderMayDiffer = (choice, asked) => D.tables.rank.records({ importer_id: choice.importer, mineral_id: choice.mineral, stage: choice.stage, reference_year: asked.reference_year, main_caveat: 'leader_of_lines_held' }).length > 0;

// Why an importer has no trade at all at a stage.
const noTrade = (choice) => D.tables.unanswered.records({ importer_id: choice.importer, mineral_id: choice.mineral, stage: choice.stage })[0]?.null_reason
  ?? D.tables.untold.records({ mineral_id: choice.mineral, stage: choice.stage })[0]?.null_reason
  ?? (D.tables.question.find({ importer_id: choice.importer }).length ? 'line_not_held' : 'importer_not_in_series');
const isBlocImporter = (code) => D.importerKinds.get(code) === 'bloc';

// How to read the page, who is in a bloc, and where else the metal stands.
function hint(choice) {
  const root = document.getElementById('hint');
  root.replaceChildren();
  const others = [...(D.related.get(choice.mineral) ?? [])].filter((id) => stagesOf(id).length);
  if (others.length) root.append(el('p', {}, 'See also: ', ...others.flatMap((id, index) => [index ? ', ' : '', mineralButton(id, names.mineral(id))])));
  if (isBlocImporter(choice.importer)) root.append(el('details', {}, el('summary', {}, `Members of ${the(choice.importer)}`), el('p', {}, (D.members.get(choice.importer) ?? []).map(names.country).sort().join(', '))));
  root.append(el('p', { class: 'howto' }, 'Press a figure for its source, edition and SQL. ', el('span', { class: 'flag', 'aria-hidden': 'true' }, '⚑'), ' marks a grave caveat, ', el('span', { class: 'flag routine', 'aria-hidden': 'true' }, '⚐'), ' another. On a chart, the pointer, a finger or the arrow keys show all values of a year. The seller need not be the maker: “refined in” and “mined in” look behind the seller.'));
}

function stats(choice, asked) {
  const root = document.getElementById('stats');
  forgetFigures(root);
  root.setAttribute('data-roving', '');
  const tile = (title, figure, ...foot) => el('div', { class: 'stat' }, el('h4', {}, title),
    figure ? figureText(figure) : el('span', { class: 'figure null' }, '—'), el('p', {}, ...(figure && figure.value === null ? [names.reason(figure.reason)] : foot)));
  const group = (title, ...tiles) => el('section', { class: 'statgroup' }, el('h3', {}, title), el('div', {}, ...tiles));
  const seen = viewRows(choice);
  const row = seen.rows.find((one) => one.origin_id === 'CHN');
  const empty = seen.rows.find((one) => one.origin_id === null);
  // All three views by one measure, so that they can be compared; where none exist, what customs declare.
  const china = row
    ? group(el('span', {}, `China’s part ${viewText(seen)}, `, yearText(seen.year, choice.year)),
      ...VIEWS.map(([column, , label]) => tile(`${label} China`, viewFigure(row, column), '')))
    : group(`China’s part of imports${asked && !asked[REASON[choice.by]] ? `, ${BY[choice.by]}, ${choice.year}` : ''}`, chinaSold(choice, asked, tile),
      tile('Refined or mined in China', empty ? viewFigure(empty, 'refiner_origin_share') : null, seen.rows.length ? 'Below 0.1%, or none.' : notLookedThrough(choice)));
  const most = productionSeries(choice, choice.stage)[0]?.row;
  root.append(china,
    group(`Suppliers, by value, ${choice.year}`,
      tile('Concentration (HHI)', asked ? questionFigure(asked, 'supplier_hhi', 'HHI of suppliers by value', 'index') : null,
        asked ? 'near 0 many suppliers, 1 a single one' : names.reason(noTrade(choice))),
      isBlocImporter(choice.importer) && asked ? tile('From outside the bloc', questionFigure(asked, 'extra_bloc_share', 'Imports that come from outside the bloc', 'share'), 'of all members’ imports') : null),
    group('World production', tile('Largest producer', most ? concentrationFigure(most, 'leader_share') : null,
      ...(most ? [`${most.leader_country_iso3 ? `${names.country(most.leader_country_iso3)}, ` : ''}${names.stage(choice.stage).toLowerCase()} (${seriesText(most)}), `, yearText(most.reference_year, choice.year)] : ['Nobody publishes production of this stage by country.']))));
}

function chinaSold(choice, asked, tile) {
  const china = asked?.origins.find((origin) => origin.origin_id === 'CHN');
  const other = asked && !asked[REASON[choice.by]] ? null : evidenceOf(choice).find((one) => isChina(one.origin_id) && one.evidence_share !== null);
  if (other) return tile(other.origin_id === 'CHN' ? 'Sold by China' : 'Sold by China, with Hong Kong', evidenceFigure(other), `${evidenceName(other)}, of ${D.words.evidence_denominators[other.denominator]}`);
  const figure = asked?.[REASON[choice.by]] ? noAnswer(asked, choice.by) : china ? importFigure(asked, china, choice.by) : null;
  const why = !asked ? (evidenceOf(choice).length ? `Not named by ${evidenceName(evidenceOf(choice)[0])}.` : names.reason(noTrade(choice))) : choice.importer === 'CHN' ? 'The importer itself.' : D.members.get(choice.importer)?.includes('CHN') ? 'China is a member.' : china ? '' : 'Below 0.1%, or no sale is recorded.';
  return tile('Sold by China', figure, why);
}

// The year of a figure; where another was asked for, that is said.
const yearText = (year, asked) => (year === asked ? String(year) : el('strong', { class: 'otheryear' }, `${year} (${asked} is not held)`));

function thresholdMarks() {
  return ['act_now', 'watch'].filter((id) => D.thresholds.has(id)).map((id) => {
    const row = D.thresholds.get(id);
    const label = `${id.replace('_', ' ')}: above ${rounded(row.value_low)} from one country`;
    return { value: row.value_low, short: `${id.replace('_', ' ')} ${rounded(row.value_low)}`, label, figure: thresholdFigure(row, label) };
  });
}

function thresholdFigure(row, label) {
  return {
    label: `Threshold, ${label}`, value: row.value_low, column: 'value_low', kind: row.unit === 'share' ? 'share' : 'index', table: 'mart_assumption',
    beside: ['unit', 'reason', 'defined_in'], where: { assumption_kind: 'exposure_band', assumption_id: row.assumption_id },
    source: null, edition: null, flags: null, reason: null, more: [['Why', row.reason], ['Changed in', row.defined_in]],
  };
}

// Suppliers of one year, or of all.
function importSql(choice, asked, year = null) {
  return `select reference_year, origin_id, ${SHARE[choice.by]}, source_id, edition, series_id, quality_flags, ${REASON[choice.by]}\nfrom marts.mart_import_dependency\nwhere importer_id = ${quoted(choice.importer)}\n    and mineral_id = ${quoted(choice.mineral)}\n    and stage = ${quoted(choice.stage)}\n    and series_level = ${quoted(asked?.series_level ?? 'mineral_stage')}${year ? `\n    and reference_year = ${year}` : ''}\n    and is_current_series\norder by reference_year, ${SHARE[choice.by]} desc nulls last;`;
}

function overTime(choice, all, asked) {
  const answered = all.filter((one) => one[REASON[choice.by]] === null && one.origins.length);
  const options = { wide: 'span8', sql: importSql(choice, all[0]) };
  const subtitle = `Who sold it to ${the(choice.importer)}: share of the year’s imports, ${BY[choice.by]}. The largest of ${choice.year}, or of another year, and China. A gap in a line is a year below 0.1% or without a record.`;
  if (!all.length) return card('overtime', 'Suppliers over time', null, options, reasonBox('No trade is held for this stage', noTrade(choice)));
  if (!answered.length) {
    return card('overtime', 'Suppliers over time', null, options, el('div', { 'data-roving': true }, asFigure(reasonBox('No year has an answer', all[all.length - 1][REASON[choice.by]] ?? all[all.length - 1].null_reason), noAnswer(all[all.length - 1], choice.by))));
  }
  const reference = asked && ranked(asked, choice.by).length ? asked : answered[answered.length - 1];
  const codes = ranked(reference, choice.by).map((origin) => origin.origin_id);
  // A year with few suppliers does not hide those of other years.
  const anyYear = answered.flatMap((one) => ranked(one, choice.by)).sort((a, b) => b[SHARE[choice.by]] - a[SHARE[choice.by]]);
  for (const { origin_id: code } of anyYear) if (codes.length < 6 && !codes.includes(code)) codes.push(code);
  codes.splice(6);
  if (!codes.includes('CHN') && choice.importer !== 'CHN') codes.push('CHN');
  const lines = codes.map((code) => ({
    key: code, label: names.country(code), colour: colour(code),
    points: answered.flatMap((one) => one.origins
      .filter((origin) => origin.origin_id === code && origin[SHARE[choice.by]] !== null)
      .map((origin) => ({ year: one.reference_year, figure: importFigure(one, origin, choice.by) }))),
  })).filter((line) => line.points.length);
  const gaps = all.filter((one) => one[REASON[choice.by]] !== null).map((one) => ({ year: one.reference_year, figure: noAnswer(one, choice.by) }));
  const node = card('overtime', 'Suppliers over time', subtitle, options, el('div', { class: 'plot', 'data-roving': true }));
  drawLater(node.querySelector('.plot'), (width) => lineChart({
    lines, gaps, width, height: Math.max(260, Math.min(390, width * 0.5)), chosen: choice.year,
    years: [D.years[0], D.years[1]], marks: thresholdMarks(), pick: (year) => choose({ year }),
    label: 'Shares of suppliers over the years; arrows move from figure to figure',
  }));
  return node;
}

function suppliers(choice, asked) {
  const title = `Suppliers in ${choice.year}`;
  const options = { wide: 'span4', sql: importSql(choice, asked, choice.year) };
  if (!asked) return card('suppliers', title, null, options, reasonBox('No trade is held', noTrade(choice)), ...evidenceList(choice));
  const reason = asked[REASON[choice.by]];
  if (reason) return card('suppliers', title, null, options, el('div', { 'data-roving': true }, asFigure(reasonBox('No share can be given', reason), noAnswer(asked, choice.by))), ...(choice.by === 'value' || asked.null_reason ? evidenceList(choice) : []), mixedNote(choice));
  const marks = ['act_now', 'watch'].map((id) => D.thresholds.get(id)?.value_low).filter((value) => value !== undefined);
  const line = (origin) => el('li', {}, el('span', { class: 'name', title: names.country(origin.origin_id) }, names.country(origin.origin_id)),
    bar(origin[SHARE[choice.by]], colour(origin.origin_id), marks),
    figureText(importFigure(asked, origin, 'value'), choice.by === 'value' ? 'main' : 'side'),
    figureText(importFigure(asked, origin, 'tonnes'), choice.by === 'value' ? 'side' : 'main'));
  const blocs = asked.origins.filter((origin) => isBloc(origin.origin_id) && origin[SHARE[choice.by]] !== null);
  return card('suppliers', title, `Share of imports${ranked(asked, choice.by)[0]?.quality_flags?.includes('lines_missing') ? ', of the lines held: the stage has more' : ''}. Series: ${D.words.series[asked.series_id] ?? asked.series_id}.${marks.length ? ` Ticks: our thresholds, ${['watch', 'act_now'].filter((id) => D.thresholds.has(id)).map((id) => `${rounded(D.thresholds.get(id).value_low)} (${id.replace('_', ' ')})`).join(' and ')}.` : ''}`, options,
    el('ul', { class: 'rows', 'data-roving': true },
      el('li', { class: 'head' }, el('span', {}, 'Sold by'), el('span', {}, BY[choice.by]), el('span', {}, 'value'), el('span', {}, 'tonnes')),
      ...[...ranked(asked, choice.by).slice(0, 10), ...untold(asked, choice.by).slice(0, 5)].map(line),
      blocs.length ? el('li', { class: 'rule' }, 'As one, beside the countries:') : null, ...blocs.map(line)),
    mixedNote(choice));
}
