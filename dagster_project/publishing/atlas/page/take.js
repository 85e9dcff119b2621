// What can be taken away: a card as CSV, as SVG or PNG with its source line, and a link that embeds it.

const subjectOf = (choice) => `${importerName(choice.importer)} · ${names.mineral(choice.mineral)} · ${names.stage(choice.stage)} · ${choice.year}`;
// What a card is about, where it is not the whole choice: by name and in the name of a file.
const ABOUT = { compare: ['mineral', 'stage'], concentration: ['mineral'], hhi: ['importer', 'mineral', 'stage'], overtime: ['importer', 'mineral', 'stage', 'by'], suppliers: ['importer', 'mineral', 'stage', 'year', 'by'], map: ['importer', 'mineral', 'stage', 'year', 'by'], prices: ['mineral'], outlook: ['mineral'], network: ['mineral', 'stage', 'year'], months: ['importer', 'mineral'], yeartodate: ['importer', 'mineral'], controls: ['importer', 'mineral'], claims: ['mineral'], sources: [] };
const aboutOf = (id) => (id === 'ranking' ? (state.rank === 'importers' ? ['mineral', 'stage'] : ['importer']) : ABOUT[id] ?? ['importer', 'mineral', 'stage', 'year']);
const ABOUT_NAME = { importer: (choice) => importerName(choice.importer), mineral: (choice) => names.mineral(choice.mineral), stage: (choice) => names.stage(choice.stage), year: (choice) => String(choice.year), by: (choice) => BY[choice.by] };
const cardSubject = (id) => (id === 'ranking' ? (state.rank === 'importers' ? ['All countries'] : []) : []).concat(aboutOf(id).map((name) => ABOUT_NAME[name](state)), id === 'ranking' && state.rank !== 'importers' ? ['All minerals'] : []).join(' · ');
const fileName = (id, kind) => `chokepoint_${[id, ...aboutOf(id).map((name) => state[name])].join('_')}.${kind}`;

function save(content, type, name) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  el('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

const figuresIn = (root) => [...root.querySelectorAll('[data-figure]')].map((node) => figures.get(node.dataset.figure));

/* CSV: one row a figure that the card shows; a missing one is empty and has its reason */

function csvOf(root) {
  const shown = figuresIn(root);
  const keys = [...new Set(shown.flatMap((figure) => Object.keys(figure.where)))];
  const cell = (value) => { const text = value === null || value === undefined ? '' : String(value); return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text; };
  const unit = { index: 'index, 0 to 1', usd: 'US dollars per tonne', tonnes: 'tonnes', dollars: 'US dollars' };
  const line = (figure) => {
    const from = D.sources.get(figure.source);
    return [figure.label, figure.value, unit[figure.kind] ?? 'share, 0 to 1', ...keys.map((key) => figure.where[key]), flagsOf(figure).filter((flag) => D.grave.has(flag)).join(';'), flagsOf(figure).filter((flag) => !D.grave.has(flag)).join(';'),
      figure.value === null ? figure.reason : null, ...['source', 'edition'].map((name) => sourcesOf(figure).map((one) => one[name]).join(';')), from?.credit_line, from?.licence_title, from?.licence_url, D.release.release, sqlOf(figure)];
  };
  const head = ['figure', 'value', 'unit', ...keys, 'grave_caveats', 'other_caveats', 'null_reason', 'source_id', 'edition', 'credit_line', 'licence', 'licence_url', 'release', 'sql'];
  // The mark at the start tells Excel that it is UTF-8.
  return `\ufeff${[head, ...shown.map(line)].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/* SVG: what the browser has laid out, as rectangles and text that any program draws */

const PAINT = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'opacity', 'fill-opacity', 'font-size', 'font-weight', 'font-family', 'text-anchor'];
const LEFT_OUT = 'details:not([open]) > :not(summary), .tools, .offscreen, .year, .pointer, .grip, .cursor, foreignObject, script, style';
const clear = (colour) => colour === 'transparent' || /, 0\)$/.test(colour);

function textLines(node) {
  const lines = [];
  const range = document.createRange();
  for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const box = range.getBoundingClientRect();
    const last = lines[lines.length - 1];
    if (!box.width) continue;
    if (last && Math.abs(last.top - box.top) < 3) { last.text += ` ${word}`; last.right = box.right; } else lines.push({ text: word, left: box.left, right: box.right, top: box.top, bottom: box.bottom });
  }
  return lines;
}

function pictureOf(root) {
  const frame = root.getBoundingClientRect();
  const tall = Math.max(...[...root.children].map((one) => one.getBoundingClientRect().bottom)) - frame.top + 10;
  const parts = [];
  let width = frame.width;
  const painted = (from, to) => { const style = getComputedStyle(from); for (const name of PAINT) to.setAttribute(name, style.getPropertyValue(name)); };
  const box = (node, style, pseudo) => {
    const { left, top, width: wide, height: tall } = pseudo ?? node.getBoundingClientRect();
    const [x, y] = [left - frame.left, top - frame.top];
    const round = Math.min(parseFloat(style.borderTopLeftRadius) * (style.borderTopLeftRadius.endsWith('%') ? wide / 100 : 1) || 0, tall / 2);
    const isFramed = parseFloat(style.borderTopWidth) > 0 && parseFloat(style.borderLeftWidth) > 0 && style.borderTopStyle !== 'none';
    const fill = !clear(style.backgroundColor) ? style.backgroundColor : style.backgroundImage !== 'none' && node.closest('.strip, .legend') ? 'url(#hatch)' : null;
    if (fill || isFramed) parts.push(svg('rect', { x, y, width: wide, height: tall, rx: round, fill: fill ?? 'none', stroke: isFramed ? style.borderTopColor : null, 'stroke-width': isFramed ? style.borderTopWidth : null, 'stroke-dasharray': style.borderTopStyle === 'dashed' ? '4 3' : null }));
    else for (const [side, at] of [['Top', y], ['Bottom', y + tall]]) if (parseFloat(style[`border${side}Width`]) > 0 && style[`border${side}Style`] !== 'none') parts.push(svg('line', { x1: x, x2: x + wide, y1: at, y2: at, stroke: style[`border${side}Color`], 'stroke-width': style[`border${side}Width`] }));
  };
  const drawing = (node) => {
    const place = node.getBoundingClientRect();
    const copy = node.cloneNode(true);
    const [from, to] = [node, copy].map((one) => [...one.querySelectorAll('*')]);
    from.forEach((one, index) => painted(one, to[index]));
    copy.querySelectorAll(LEFT_OUT).forEach((one) => one.remove());
    for (const one of [copy, ...copy.querySelectorAll('*')]) for (const { name } of [...one.attributes]) if (/^(data-|aria-|tabindex|role|class|style)/.test(name)) one.removeAttribute(name);
    fill(copy, { x: place.left - frame.left, y: place.top - frame.top, width: place.width, height: place.height }, []);
    width = Math.max(width, place.right - frame.left + 8);
    parts.push(copy);
    node.querySelectorAll('foreignObject > *').forEach(walk);
  };
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const style = getComputedStyle(node.parentElement);
      for (const line of textLines(node)) {
        parts.push(svg('text', { x: line.left - frame.left, y: line.bottom - frame.top - (line.bottom - line.top) * 0.22, textLength: line.right - line.left, lengthAdjust: 'spacingAndGlyphs', fill: style.color, 'font-size': style.fontSize, 'font-weight': style.fontWeight, 'font-style': style.fontStyle, 'font-family': style.fontFamily }, line.text));
      }
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches(LEFT_OUT)) return;
    if (node instanceof SVGSVGElement) { if (node.clientWidth) drawing(node); return; }
    const style = getComputedStyle(node);
    const place = node.getBoundingClientRect();
    if (style.display === 'none' || style.visibility === 'hidden') return;
    if (style.display !== 'contents' && place.height) box(node, style);
    const before = getComputedStyle(node, '::before');
    if (node.closest('.legend') && before.content !== 'none') box(node, before, { left: place.left, top: place.top + 5, width: parseFloat(before.width), height: Math.max(parseFloat(before.height), 1.5) });
    node.childNodes.forEach(walk);
  };
  root.childNodes.forEach(walk);
  const credits = [...new Set(figuresIn(root).flatMap(sourcesOf).map(({ source }) => D.sources.get(source)).filter(Boolean).map((one) => `${one.credit_line} (${one.licence_title}).`))];
  const subject = cardSubject(root.id);
  const said = [`${subject ? `${subject}. ` : ''}Chokepoint atlas, release ${D.release.release}.`, ...credits].flatMap((text) => wrapped(text, Math.floor((width - 36) / 6)));
  const ink = getComputedStyle(root).color;
  said.forEach((text, index) => parts.push(svg('text', { x: 18, y: tall + 12 + 15 * index, fill: ink, 'font-size': 11, 'font-family': 'system-ui, sans-serif' }, text)));
  const height = tall + 15 * said.length + 12;
  const hatch = document.querySelector('.defs defs').cloneNode(true);
  fill(hatch.querySelector('line'), { stroke: '#8b949e', 'stroke-width': 1.4, opacity: 0.45 }, []);
  return svg('svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height }, svg('title', {}, `${root.querySelector('h2').textContent}${subject ? `: ${subject}` : ''}`), hatch, svg('rect', { width, height, fill: getComputedStyle(root).backgroundColor }), ...parts);
}

function wrapped(text, most) {
  const lines = [''];
  for (const word of text.split(' ')) {
    if (lines[lines.length - 1].length + word.length > most) lines.push('');
    lines[lines.length - 1] += `${word} `;
  }
  return lines.map((line) => line.trim());
}

// A picture is always light, for paper and slides.
function svgText(root) {
  const page = document.documentElement;
  const kept = page.dataset.theme;
  page.dataset.theme = 'light';
  try {
    return new XMLSerializer().serializeToString(pictureOf(root));
  } finally {
    if (kept === undefined) delete page.dataset.theme; else page.dataset.theme = kept;
  }
}

async function savePng(root) {
  const text = svgText(root);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = el('canvas', { width: image.width * 2, height: image.height * 2 });
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => save(blob, 'image/png', fileName(root.id, 'png')), 'image/png');
}

/* a link that shows one card alone */

const cardAddress = (id, more = {}) => `${location.href.split('#')[0]}#${addressOf({ ...state, card: id, ...more })}`;

function takeMenu(id, title) {
  const root = () => document.getElementById(id);
  const entry = (text, act) => el('button', { type: 'button', onclick: (event) => { event.target.closest('details').open = false; act(); } }, text);
  return el('details', { class: 'take' }, el('summary', { 'aria-label': `Save or embed: ${title}` }, 'Save'),
    el('div', {},
      entry('CSV, figures of this card', () => save(csvOf(root()), 'text/csv', fileName(id, 'csv'))),
      entry('SVG picture', () => save(svgText(root()), 'image/svg+xml', fileName(id, 'svg'))),
      entry('PNG picture', () => savePng(root())),
      entry('Copy a link to this card alone', () => copy(cardAddress(id, { embed: '1' }), 'Link copied')),
      entry('Copy HTML that embeds it', () => copy(`<iframe src="${cardAddress(id, { embed: '1' }).replaceAll('&', '&amp;')}" title="${title}" width="100%" height="560" style="border:0"></iframe>`, 'HTML copied'))));
}
