// ---- the list of sentences: only the rows in sight exist ----
const ROW_HEIGHT = 66;
const list = find('list');
const rowsBox = find('rows');
const search = find('search');
const sort = find('sort');
const only = find('only');
let order = SENTENCES.map((_, i) => i);
let downwards = false;
let searchTexts = null;

const best = (model, i) => MODELS[model].sentences[i].translations[0];
const numberOf = i => SENTENCES[i].number || i + 1;
const lengthOf = i => SENTENCES[i].words.filter(word => word >= 0).length;
const differs = i => MODELS.length > 1 && best(0, i).text !== best(1, i).text;
const hasGold = SENTENCES.some(sentence => sentence.error_rate != null);
const differences = new Map();
function differenceOf(i) {
  if (!differences.has(i)) {
    const [a, b] = [0, 1].map(model => unitsOf(best(model, i)));
    differences.set(i, 1 - (2 * commonUnits(a, b).length) / Math.max(a.length + b.length, 1));
  }
  return differences.get(i);
}

const ORDERS = [
  { name: 'in order', of: i => i },
  { name: 'by length', of: lengthOf, shown: i => lengthOf(i) + ' tokens' },
  { name: 'by score', of: i => best(0, i).score, shown: i => signed(best(0, i).score) },
  { name: 'by confidence', of: i => confidence(best(0, i)), shown: i => (lengthOf(i) ? percent(confidence(best(0, i))) : '') },
];
if (hasGold) ORDERS.push({ name: 'by AER', of: i => (SENTENCES[i].error_rate == null ? -1 : SENTENCES[i].error_rate), shown: i => (SENTENCES[i].error_rate == null ? 'no gold links' : 'AER ' + SENTENCES[i].error_rate.toFixed(1)) });
if (MODELS.length > 1) ORDERS.push({ name: 'by difference', of: differenceOf, shown: i => percent(differenceOf(i)) });
ORDERS.forEach((way, i) => sort.append(make('option', { value: i, textContent: way.name })));
find('only-box').hidden = MODELS.length < 2;

const folded = text => text.normalize('NFC').toLowerCase();
function textsOf(i) {
  searchTexts = searchTexts || SENTENCES.map((sentence, k) =>
    folded([sentence.source, ...(sentence.references || []), ...MODELS.flatMap(model => model.sentences[k].translations.map(each => each.text))].join('\n')));
  return searchTexts[i];
}

function arrange() {
  const wanted = folded(search.value.trim());
  const way = ORDERS[sort.value || 0];
  order = [];
  for (let i = 0; i < SENTENCES.length; ++i) {
    if (only.checked && !differs(i)) continue;
    if (!wanted || textsOf(i).includes(wanted)) order.push(i);
  }
  const keys = new Map(order.map(i => [i, way.of(i)]));
  order.sort((a, b) => (downwards ? keys.get(b) - keys.get(a) : keys.get(a) - keys.get(b)) || a - b);
  find('found').textContent =
    order.length === SENTENCES.length ? `${SENTENCES.length} sentence${SENTENCES.length === 1 ? '' : 's'}` : `${order.length} of ${SENTENCES.length} sentences`;
  rowsBox.style.height = order.length * ROW_HEIGHT + 'px';
  drawRows();
}

function makeRow(i, place) {
  const way = ORDERS[sort.value || 0];
  const translation = best(0, i);
  const facts = make('span', { className: 'facts', textContent: (way.shown || ORDERS[3].shown)(i) });
  if (differs(i)) facts.prepend(make('span', { className: 'badge', textContent: '≠ ', title: 'the translations differ' }));
  return make('div', {
    className: 'item', role: 'option', id: 'item-' + i, 'aria-selected': String(i === state.sentence), style: { top: place * ROW_HEIGHT + 'px' },
    on: { click: () => select(i) },
  },
  make('div', { dir: 'auto' }, make('span', { className: 'number', textContent: numberOf(i) }), make('bdi', { textContent: SENTENCES[i].source || '(empty)' })),
  make('div', { className: 'target', dir: 'auto', textContent: translation ? translation.text : '' }), facts);
}

function drawRows() {
  const first = Math.max(Math.floor(list.scrollTop / ROW_HEIGHT) - 5, 0);
  const last = Math.min(Math.ceil((list.scrollTop + list.clientHeight) / ROW_HEIGHT) + 5, order.length);
  rowsBox.replaceChildren(...order.slice(first, last).map((i, k) => makeRow(i, first + k)));
  list.setAttribute('aria-activedescendant', 'item-' + state.sentence);
}

// Scrolls only as far as needed to see the chosen row.
function reveal(i) {
  const place = order.indexOf(i);
  if (place < 0) return;
  const top = place * ROW_HEIGHT;
  if (top < list.scrollTop) list.scrollTop = top;
  if (top + ROW_HEIGHT > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW_HEIGHT - list.clientHeight;
}

function step(by) {
  if (!order.length) return;
  const place = order.indexOf(state.sentence);
  select(order[place < 0 ? 0 : Math.min(Math.max(place + by, 0), order.length - 1)]);
}

list.addEventListener('scroll', () => requestAnimationFrame(drawRows), { passive: true });
search.addEventListener('input', () => { list.scrollTop = 0; arrange(); });
sort.addEventListener('change', () => { list.scrollTop = 0; arrange(); });
only.addEventListener('change', arrange);
find('turn').addEventListener('click', event => {
  downwards = !downwards;
  event.currentTarget.textContent = downwards ? '↑' : '↓';
  arrange();
});
