// Two or more importers on one chart, of one mineral and stage.

const COMPARED_MOST = 5;
const NOBODY = '-';
const MEASURES = [['china', 'China’s share'], ['largest', 'Largest supplier'], ['hhi', 'HHI of suppliers']];

// Importers beside the chosen one, as the address names them.
const comparedWith = (choice) => (choice.with === NOBODY ? [] : choice.with.split(',')).filter((code, index, all) => D.importers.has(code) && code !== choice.importer && all.indexOf(code) === index).slice(0, COMPARED_MOST);

// The figure of one importer and year that is compared; null where a share is below 0.1% or no sale is recorded.
function comparedFigure(choice, asked) {
  if (choice.seen === 'hhi') return asked.supplier_hhi === null ? null : questionFigure(asked, 'supplier_hhi', 'HHI of suppliers by value', 'index');
  const origin = choice.seen === 'largest' ? leaderOf(asked, choice.by) : asked.origins.find((one) => one.origin_id === 'CHN');
  return origin && origin[SHARE[choice.by]] !== null ? importFigure(asked, origin, choice.by) : null;
}

function compareSql(choice, codes) {
  // Places among the origins, and leaders, are by value in the mart.
  if (choice.seen === 'largest' && choice.by === 'tonnes') {
    return `select importer_name, reference_year, arg_max(origin_name, quantity_share) as origin_name, max(quantity_share) as quantity_share,\n    any_value(source_id) as source_id, any_value(edition) as edition\nfrom marts.mart_import_dependency\nwhere importer_id in (${codes.map(quoted).join(', ')})\n    and mineral_id = ${quoted(choice.mineral)} and stage = ${quoted(choice.stage)}\n    and series_level = 'mineral_stage' and is_current_series and origin_kind = 'country'\ngroup by importer_name, reference_year\norder by importer_name, reference_year;`;
  }
  const columns = choice.seen === 'hhi' ? 'supplier_hhi' : `origin_name, ${SHARE[choice.by]}`;
  const which = { hhi: '', largest: '\n    and origin_rank = 1', china: "\n    and (origin_id = 'CHN' or origin_id is null)" }[choice.seen];
  return `select distinct importer_name, reference_year, ${columns}, source_id, edition, quality_flags, null_reason\nfrom marts.mart_import_dependency\nwhere importer_id in (${codes.map(quoted).join(', ')})\n    and mineral_id = ${quoted(choice.mineral)} and stage = ${quoted(choice.stage)}\n    and series_level = 'mineral_stage' and is_current_series${which}\norder by importer_name, reference_year;`;
}

function compare(choice) {
  const codes = [choice.importer, ...comparedWith(choice).filter((code) => held.has(code))];
  const absent = comparedWith(choice).filter((code) => !held.has(code));
  const change = (kept) => choose({ with: kept.join(',') || NOBODY });
  const others = codes.slice(1);
  const add = el('select', { 'aria-label': 'Add an importer to compare', id: 'compareadd', disabled: others.length >= COMPARED_MOST, onchange: (event) => change([...others, event.target.value]) },
    el('option', { value: '' }, '+ add an importer'),
    ...D.tables.importer.all().filter((row) => row.answer_count && !codes.includes(row.importer_id)).map((row) => [row.importer_id, importerName(row.importer_id)]).sort((a, b) => a[1].localeCompare(b[1])).map(([value, text]) => el('option', { value }, text)));
  const tools = [el('div', { class: 'segments small', role: 'radiogroup', 'aria-label': 'What is compared' }, ...segments('seen', MEASURES, choice.seen, (seen) => choose({ seen }))), add];
  const kinds = new Map(codes.map((code, index) => [code, PALETTE[index]]));
  const asked = new Map(codes.map((code) => [code, questions({ ...choice, importer: code })]));
  const measured = { china: `what China sold, share of each one’s imports, ${BY[choice.by]}`, largest: `the share of each one’s largest supplier, ${BY[choice.by]}; the supplier may be another every year`, hhi: 'the HHI of each one’s suppliers by value: near 0 many, 1 a single one' }[choice.seen];
  const node = card('compare', `Compared: ${names.mineral(choice.mineral)}, ${names.stage(choice.stage).toLowerCase()}`, `Each line is ${measured}. A gap in a line is a year below 0.1%, without a record, or without an answer.`, { wide: 'span12', sql: compareSql(choice, codes), tools },
    el('div', { class: 'comparing' }, el('div', { class: 'plot', 'data-roving': true }), compareTable(choice, codes, asked, kinds, (code) => change(others.filter((one) => one !== code)))),
    absent.length ? el('p', { class: 'note' }, `Not compared, since their files of the release are not beside this page: ${absent.map(importerName).join(', ')}.`) : null);
  const lines = codes.map((code) => ({ key: code.slice(0, 7), label: importerName(code), colour: kinds.get(code), points: asked.get(code).map((one) => ({ year: one.reference_year, figure: comparedFigure(choice, one) })).filter(({ figure }) => figure) }));
  const drawn = lines.filter((line) => line.points.length);
  const plot = node.querySelector('.plot');
  if (!drawn.length) plot.append(reasonBox('No line can be drawn', asked.get(choice.importer).at(-1)?.null_reason ?? noTrade(choice)));
  else {
    const hhi = D.thresholds.get('act_now:hhi');
    const marks = choice.seen !== 'hhi' ? thresholdMarks() : hhi ? [{ value: hhi.value_low, short: `act now ${hhi.value_low}`, label: `act now: above ${hhi.value_low}`, figure: thresholdFigure(hhi, 'act now') }] : [];
    drawLater(plot, (width) => lineChart({ lines: drawn, gaps: [], years: D.years, chosen: choice.year, marks, width, height: Math.max(260, Math.min(380, width * 0.5)), pick: (year) => choose({ year }), isIndex: choice.seen === 'hhi', label: 'The importers compared over the years; arrows move from figure to figure' }));
  }
  return node;
}

// Of the chosen year: who is the largest supplier of each, and China's share; where trade does not tell, what else is known.
function compareTable(choice, codes, asked, kinds, remove) {
  const line = (code) => {
    const one = asked.get(code).find((row) => row.reference_year === choice.year);
    const first = one && leaderOf(one, choice.by);
    const unweighed = one && isLeaderUnweighed(one, choice.by);
    const leaderId = unweighed ? one.unweighed_leader_id : first?.origin_id;
    const china = one?.origins.find((origin) => origin.origin_id === 'CHN' && origin[SHARE[choice.by]] !== null);
    const missing = one && one[REASON[choice.by]] !== null ? figureText(noAnswer(one, choice.by)) : null;
    const known = !one || missing ? evidenceToldOf({ ...choice, importer: code }) : [];
    const fromChina = known.find((row) => isChina(row.origin_id));
    const largest = known.length ? [...evidenceFigures(known[0]), el('small', {}, `${names.country(known[0].origin_id)} (${evidenceName(known[0])})`)] : null;
    return el('li', { class: kinds.get(code) }, el('span', { class: 'name' }, el('i', { class: 'dot' }), importerName(code)),
      el('span', { class: 'cell' }, ...(largest ?? [missing ?? (unweighed ? figureText(unweighedFigure(one)) : first ? figureText(importFigure(one, first, choice.by)) : 'no record')]), leaderId && !missing ? el('small', {}, names.country(leaderId)) : null),
      el('span', {}, ...(fromChina ? evidenceFigures(fromChina) : []), missing || known.length ? '' : china ? figureText(importFigure(one, china, choice.by)) : el('span', { class: 'faint' }, code === 'CHN' ? 'itself' : '<0.1% or no record')),
      code === choice.importer ? el('span', {}) : el('button', { type: 'button', class: 'quiet remove', 'aria-label': `Remove ${importerName(code)}`, onclick: () => remove(code) }, '✕'));
  };
  return el('ul', { class: 'compared', 'data-roving': true }, el('li', { class: 'head' }, el('span', {}, `${choice.year}, ${BY[choice.by]}`), el('span', {}, 'Largest supplier'), el('span', {}, 'China'), el('span', {})), ...codes.map(line));
}
