// The first card: what an importer is most exposed to, and who is most exposed to a mineral.

const RANKED_SHOWN = 12;
const UNRANKED = 1e9; // behind all ranks

function rankFigure(row) {
  return {
    label: `${names.country(row.leading_origin_id)}, largest supplier of ${importerName(row.importer_id)}: ${names.mineral(row.mineral_id)}, ${names.stage(row.stage).toLowerCase()}, ${row.reference_year}`,
    value: row.leading_share, column: 'leading_share', table: 'mart_headline',
    beside: ['leading_origin_id', 'evidence_kind', 'period_from_year', 'period_to_year', 'share_source_id', 'share_edition', 'quality_flags', 'null_reason'],
    where: { importer_id: row.importer_id, mineral_id: row.mineral_id, stage: row.stage },
    source: row.share_source_id, edition: row.edition, flags: row.main_caveat, reason: null,
    more: [['Evidence', D.words.evidence[row.evidence_kind]], ['Method', 'docs/methods/vulnerability.md']],
  };
}

// The colours of a choice belong to its own suppliers: here China alone has one.
const isChina = (code) => code === 'CHN' || code === 'CHN_HKG';
const bandText = (id) => (id === null ? 'no level' : id.replace('_', ' '));

// Best and worst rank over value, tonnes and the factors of contained metal; nothing where they are one.
function rankSpan(row, rank) {
  if (row[rank] === null) return '–';
  const [low, high] = [row[`${rank}_low`], row[`${rank}_high`]];
  return low === high ? `${row[rank]}` : `${row[rank]} (${low}–${high})`;
}

const RELIANCE = { net_import_reliance_share_lower: 'reliance_lower_share', net_import_reliance_share_upper: 'reliance_upper_share' };
const relianceGoods = (row) => (row.net_import_reliance_goods === 'total' ? 'all goods of the mineral' : row.net_import_reliance_goods.replaceAll('_', ' '));

function relianceFigure(row, column) {
  return {
    label: `Net import reliance of ${the(row.importer_id)}: ${names.mineral(row.mineral_id)}, ${relianceGoods(row)}, ${row.net_import_reliance_year}`,
    value: row[RELIANCE[column]], column, table: 'mart_headline',
    beside: ['net_import_reliance_goods', 'net_import_reliance_year', 'is_net_exporter'],
    where: { importer_id: row.importer_id, mineral_id: row.mineral_id, stage: row.stage },
    source: 'usgs_mcs_us', edition: D.tables.edition.records({ source_id: 'usgs_mcs_us' }).at(-1).edition, flags: null, reason: null,
    more: [['Method', 'docs/methods/net_import_reliance.md']],
  };
}

// Whether the importer needs what it imports, where that is known: a share of imports is no share of use.
function ownSupply(row) {
  if (row.mineral_rank === null) return [D.words.reasons.no_line_of_the_stage];
  if (row.is_net_exporter) return [`net exporter (USGS ${row.net_import_reliance_year}, ${relianceGoods(row)})`];
  if (row.reliance_lower_share !== null) return ['net imports ', ...ends(...Object.keys(RELIANCE).map((column) => relianceFigure(row, column))), ` of use (USGS ${row.net_import_reliance_year}, ${relianceGoods(row)})`];
  return row.sells_more ? ['sells more of it than it buys'] : [];
}

function rankRow(row, rank, name, change, isChosen) {
  const marks = ['act_now', 'watch'].map((id) => D.thresholds.get(id)?.value_low).filter((value) => value !== undefined);
  return el('li', { class: isChosen ? 'chosen' : null },
    el('span', { class: 'rank', title: 'Rank; in brackets the best and the worst by value, by tonnes and by the factors of contained metal' }, rankSpan(row, rank)),
    el('span', { class: 'name' }, el('button', { type: 'button', class: 'link', onclick: () => choose(change) }, name)),
    el('span', { class: 'side' }, names.country(row.leading_origin_id)),
    bar(row.leading_share, isChina(row.leading_origin_id) ? 'china' : 'c0', marks),
    figureText(rankFigure(row), 'main'),
    el('span', { class: `chip ${row.band_id ?? 'none'}` }, bandText(row.band_id)),
    ownSupply(row).length ? el('small', { class: 'own' }, ...ownSupply(row)) : null);
}

function rankSql(choice) {
  const [rank, where] = choice.rank === 'importers'
    ? ['importer_rank', `mineral_id = ${quoted(choice.mineral)}\n    and stage = ${quoted(choice.stage)}\n    and importer_kind = 'country'`]
    : ['mineral_rank', `importer_id = ${quoted(choice.importer)}`];
  return `select ${rank}, ${rank}_low, ${rank}_high, importer_name, mineral_name, stage, band_id, leading_origin_name, leading_share, evidence_kind, main_caveat,\n    import_value_usd, export_value_usd, net_import_reliance_share_lower, net_import_reliance_share_upper, is_net_exporter, null_reason\nfrom marts.mart_vulnerability\nwhere ${where}\norder by ${rank} nulls last;`;
}

function ranking(choice) {
  const isOfImporters = choice.rank === 'importers';
  const rows = isOfImporters
    ? D.tables.rank.records({ mineral_id: choice.mineral, stage: choice.stage, importer_kind: 'country' }).sort((a, b) => (a.importer_rank ?? UNRANKED) - (b.importer_rank ?? UNRANKED))
    : D.tables.rank.records({ importer_id: choice.importer });
  const title = isOfImporters
    ? `Who is most exposed, by concentration of imports: ${names.mineral(choice.mineral)}, ${names.stage(choice.stage).toLowerCase()}`
    : `What ${the(choice.importer)} is most exposed to, by concentration of imports`;
  const subtitle = `By level, then by the share of the largest supplier, each on the best evidence of its newest year${isOfImporters ? '; all countries of the release' : ''}. Shares are of what is imported, not of what is used: who makes it at home, or sells more than it buys, may need none of it: where that is known the row says so. A net exporter has no level and stands behind. No level else: customs lines of the stage are missing, and those held give the rank. What cannot be answered has no rank and is not safe.`;
  const tools = [el('div', { class: 'segments', role: 'radiogroup', 'aria-label': 'Ranking of' },
    ...segments('rank', [['minerals', 'minerals'], ['importers', 'importers']], isOfImporters ? 'importers' : 'minerals', (rank) => choose({ rank })))];
  const options = { wide: 'span12', sql: rankSql(choice), tools };
  if (!rows.length) return card('ranking', title, subtitle, options, reasonBox('Nothing can be ranked', noTrade(choice)));
  const line = (row) => (isOfImporters
    ? rankRow(row, 'importer_rank', importerName(row.importer_id), { importer: row.importer_id }, row.importer_id === choice.importer)
    : rankRow(row, 'mineral_rank', `${names.mineral(row.mineral_id)}, ${names.stage(row.stage).toLowerCase()}`, { mineral: row.mineral_id, stage: row.stage }, row.mineral_id === choice.mineral && row.stage === choice.stage));
  const rest = rows.slice(RANKED_SHOWN);
  return card('ranking', title, subtitle, options,
    el('ol', { class: 'ranks', 'data-roving': true }, ...rows.slice(0, RANKED_SHOWN).map(line)),
    rest.length ? el('details', { class: 'more' }, el('summary', {}, `${rest.length} more`), el('ol', { class: 'ranks', 'data-roving': true }, ...rest.map(line))) : null);
}
