// What the page embeds, and how to find rows in it. Nothing here adds, divides or averages.

class Table {
  constructor(columns) {
    this.columns = columns;
    const first = Object.values(columns)[0];
    this.length = first ? first.at.length : 0;
  }

  get(name, row) {
    const column = this.columns[name];
    const at = column.at[row];
    if (at === null || at === undefined) return null;
    if (column.names) return column.names[at];
    return column.scale ? at / column.scale : at;
  }

  record(row) {
    const record = {};
    for (const name in this.columns) record[name] = this.get(name, row);
    return record;
  }

  // Numbers of the rows in which each column of `where` has its value; null asks for a null.
  find(where) {
    const asked = [];
    for (const [name, value] of Object.entries(where)) {
      const column = this.columns[name];
      const wanted = value === null ? null : column.names ? column.names.indexOf(value) : value;
      if (wanted === -1) return [];
      asked.push([column.at, wanted]);
    }
    const found = [];
    for (let row = 0; row < this.length; row += 1) {
      let fits = true;
      for (const [at, wanted] of asked) {
        if (at[row] !== wanted) { fits = false; break; }
      }
      if (fits) found.push(row);
    }
    return found;
  }

  records(where) { return this.find(where).map((row) => this.record(row)); }

  all() { return Array.from({ length: this.length }, (_, row) => this.record(row)); }
}

async function readData() {
  const text = atob(document.getElementById('data').textContent);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  const data = await new Response(stream).json();
  const tables = {};
  for (const name in data.tables) tables[name] = new Table(data.tables[name]);
  // Where the suppliers of each question begin.
  const counts = tables.question.columns.suppliers.at;
  const first = new Int32Array(counts.length);
  for (let row = 1; row < counts.length; row += 1) first[row] = first[row - 1] + counts[row - 1];
  return { ...data, tables, first };
}

let D; // what readData gave

const names = {
  country: (code) => (code === null ? '—' : D.words.origins[code] ?? D.countries.get(code) ?? importerName(code)),
  mineral: (id) => D.minerals.get(id) ?? D.words.groups[id] ?? id,
  stage: (id) => D.stages.get(id) ?? id,
  source: (id) => D.sources.get(id)?.title ?? id,
  reason: (token) => D.words.reasons[token] ?? token,
};

// A mineral inside a sentence: without what stands in brackets or after a comma.
const plainMineral = (id) => names.mineral(id).replace(/[,:(].*/, '').trim().replace(/^./, (letter) => letter.toLowerCase());
const goods = (id, stage) => D.words.named_goods[id] ?? (id in D.words.groups ? plainMineral(id) : D.words.goods[stage].replace('{}', plainMineral(id)));

const the = (code) => `${['USA', 'GBR', 'NLD', 'ARE', 'PHL', 'EU27', 'EU', 'G7', 'MEETING_2026_01_12', 'MSP', 'IPEF'].includes(code) ? 'the ' : ''}${names.country(code)}`;
const The = (code) => the(code).replace(/^t/, 'T');

function importerName(code) { return D.words.importers[code] ?? D.importers.get(code) ?? code; }

function indexNames() {
  const pairs = (table, key, value) => new Map(D.tables[table].all().map((row) => [row[key], row[value]]));
  D.countries = pairs('country', 'country_iso3', 'country_name');
  D.minerals = pairs('mineral', 'mineral_id', 'mineral_name');
  D.stages = pairs('stage', 'stage', 'stage_name');
  D.importers = pairs('importer', 'importer_id', 'importer_name');
  D.sources = new Map(D.tables.source.all().map((row) => [row.source_id, row]));
  D.members = new Map();
  for (const row of D.tables.member.all()) D.members.set(row.bloc_id, [...(D.members.get(row.bloc_id) ?? []), row.country_iso3]);
  // Minerals that stand for the same metal: the parent, the parts, the members of a mixed line.
  D.related = new Map();
  const relate = (a, b) => D.related.set(a, new Set([...(D.related.get(a) ?? []), b]));
  for (const row of D.tables.mineral.all()) {
    if (row.parent_mineral_id !== null) { relate(row.mineral_id, row.parent_mineral_id); relate(row.parent_mineral_id, row.mineral_id); }
  }
  for (const row of D.tables.mixed_in.all()) if (row.group_id in D.words.groups) relate(row.group_id, row.mineral_id);
  D.editions = new Map(D.tables.edition.all().map((row) => [`${row.source_id} ${row.edition}`, row]));
  D.thresholds = new Map(D.tables.threshold.all().map((row) => [row.assumption_id, row]));
}

// A question of mart_import_dependency with its suppliers, largest share by value first.
function question(row) {
  const record = D.tables.question.record(row);
  const start = D.first[row];
  record.origins = [];
  for (let at = start; at < start + record.suppliers; at += 1) record.origins.push(D.tables.supplier.record(at));
  return record;
}

// Publication and edition of the imports that a figure of another mart rests on.
const tradeSeen = new Map();
function tradeBehind(importer, mineral, stage, year, series) {
  const key = [importer, mineral, stage, year, series].join();
  if (!tradeSeen.has(key)) {
    const table = D.tables.question;
    const [row] = table.find({ importer_id: importer, mineral_id: mineral, stage, reference_year: year, series_id: series });
    tradeSeen.set(key, row === undefined ? { source: null, edition: null } : { source: table.get('source_id', row), edition: table.get('edition', row) });
  }
  return tradeSeen.get(key);
}

// What the choice asks of mart_import_dependency, year by year.
function questions(choice) {
  return D.tables.question
    .find({ importer_id: choice.importer, mineral_id: choice.mineral, stage: choice.stage })
    .map(question);
}
