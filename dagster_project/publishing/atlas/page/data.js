// What the page embeds, and how to find rows in it. Nothing here adds, divides or averages.

class Table {
  constructor(columns) {
    this.columns = columns;
  }

  get length() { return Object.values(this.columns)[0].at.length; }

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
    const { length } = this;
    for (let row = 0; row < length; row += 1) {
      let fits = true;
      for (const [at, wanted] of asked) {
        if (at[row] !== wanted) { fits = false; break; }
      }
      if (fits) found.push(row);
    }
    return found;
  }

  records(where) { return this.find(where).map((row) => this.record(row)); }

  add(record) {
    for (const [name, { names, at }] of Object.entries(this.columns)) {
      const value = record[name] ?? null;
      if (names && value !== null && !names.includes(value)) names.push(value);
      at.push(names && value !== null ? names.indexOf(value) : value);
    }
  }

  all() { return Array.from({ length: this.length }, (_, row) => this.record(row)); }
}

async function unpacked(packed) {
  const text = atob(packed);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'))).json();
}

async function readData() {
  const data = await unpacked(document.getElementById('data').textContent);
  const tables = {};
  for (const name in data.tables) tables[name] = new Table(data.tables[name]);
  return { ...data, tables, first: [] };
}

/* data of one importer: inside the page, or in a script beside it, since a page from disk may read no other file */

const arrived = {};
window.atlasHold = (part) => Object.assign(arrived, part);

function fromBeside(importer) {
  return new Promise((resolve, reject) => {
    const file = `atlas/${importer}.js`;
    const script = document.createElement('script');
    script.src = file;
    script.onerror = () => reject(new Error(`its data are in the file ${file} of the release, which is not beside this page.`));
    script.onload = () => {
      const [digest, packed] = arrived[importer] ?? [];
      script.remove();
      // Names are places in lists of this page: those of another release would be other names.
      if (digest === D.release.content_digest) resolve(packed);
      else reject(new Error(`the file ${file} beside this page is of another release. Load the page anew.`));
    };
    document.head.append(script);
  });
}

const held = new Set();
async function hold(importer) {
  const part = await unpacked(document.getElementById(`data-${importer}`)?.textContent ?? await fromBeside(importer));
  if (held.has(importer)) return;
  held.add(importer);
  const counts = D.tables.question.columns.suppliers.at;
  let next = D.tables.supplier.length;
  for (const name in part) {
    const { columns } = D.tables[name];
    const own = columns.importer_id.names.indexOf(importer);
    for (const column in part[name]) for (const at of part[name][column]) columns[column].at.push(at);
    for (const _ of Object.values(part[name])[0]) columns.importer_id.at.push(own);
  }
  // A question without an origin is one too.
  for (const gap of D.tables.gap.records({ importer_id: importer })) {
    for (let year = D.first_year, bits = gap.years; bits; year += 1, bits = Math.floor(bits / 2)) {
      if (bits % 2) D.tables.question.add({ ...gap, reference_year: year, suppliers: 0 });
    }
  }
  // Where the suppliers of each question begin.
  for (let row = D.first.length; row < counts.length; row += 1) { D.first.push(next); next += counts[row]; }
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
  D.grave = new Set(D.tables.caveat.records({ is_grave: true }).map((row) => row.quality_flag));
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
  const key = [importer, mineral, stage, year, String(series)].join();
  if (!tradeSeen.has(key)) {
    const table = D.tables.question;
    const [row] = table.find({ importer_id: importer, mineral_id: mineral, stage, reference_year: year, ...(series === undefined ? {} : { series_id: series }) });
    tradeSeen.set(key, row === undefined ? { source: null, edition: null } : { source: table.get('source_id', row), edition: table.get('edition', row) });
  }
  return tradeSeen.get(key);
}

// What the choice asks of mart_import_dependency, year by year.
function questions(choice) {
  return D.tables.question
    .find({ importer_id: choice.importer, mineral_id: choice.mineral, stage: choice.stage })
    .map(question)
    .sort((a, b) => a.reference_year - b.reference_year);
}
