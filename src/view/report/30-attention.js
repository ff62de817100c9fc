// ---- attention of fixed sentences through training ----
const VIRIDIS = [[68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129], [92, 200, 99], [170, 220, 50], [253, 231, 37]];
function colourOf(weight) {
  const place = Math.max(0, Math.min(1, weight)) * (VIRIDIS.length - 1);
  const below = Math.min(Math.floor(place), VIRIDIS.length - 2);
  return `rgb(${VIRIDIS[below].map((from, c) => Math.round(from + (place - below) * (VIRIDIS[below + 1][c] - from))).join(',')})`;
}

// What would do something else than stand there becomes visible.
function labelOf(token) {
  const text = token.replace(/[\u0000-\u001f]/g, c => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/[\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, c => '\\u{' + c.charCodeAt(0).toString(16) + '}');
  return text.trim() === '' ? '␣' : text;
}

function heatMap(sample) {
  const cell = 22;
  const wide = text => [...text].reduce((sum, c) => sum + (c > '\u2e7f' ? 13 : 7.4), 0);
  const left = Math.max(...sample.tokens.map(token => wide(labelOf(token)))) + 12;
  const top = Math.max(...sample.source_tokens.map(token => wide(labelOf(token)))) * 0.77 + 20;
  const width = left + cell * sample.source_tokens.length + top * 0.9 + 8;
  const height = top + cell * sample.tokens.length + 6;
  const svg = draw('svg', { width, height, role: 'img', 'aria-label': 'attention' });
  sample.source_tokens.forEach((token, s) => {
    const x = left + cell * (s + 0.5);
    svg.append(draw('text', { x, y: top - 8, transform: `rotate(-50 ${x} ${top - 8})` }, labelOf(token)));
  });
  sample.attention.forEach((row, t) => {
    const y = top + cell * t;
    const strongest = row.indexOf(Math.max(...row));
    svg.append(draw('text', { x: left - 7, y: y + 15, 'text-anchor': 'end' }, labelOf(sample.tokens[t])));
    row.forEach((weight, s) => {
      const square = draw('rect', { x: left + cell * s, y, width: cell - 1, height: cell - 1, fill: colourOf(weight), 'data-weight': weight });
      square.addEventListener('pointermove', event => showTip(event, `${labelOf(sample.tokens[t])} ← ${labelOf(sample.source_tokens[s])}\n${weight.toFixed(4)}`));
      square.addEventListener('pointerleave', hideTip);
      svg.append(square);
      if (s === strongest) svg.append(draw('circle', { cx: left + cell * s + (cell - 1) / 2, cy: y + (cell - 1) / 2, r: 2.5, fill: weight > 0.5 ? '#000' : '#fff', 'pointer-events': 'none' }));
    });
  });
  return make('div', { class: 'heat' }, svg);
}

function ramp() {
  const stops = VIRIDIS.map((colour, i) => `rgb(${colour.join(',')}) ${100 * i / (VIRIDIS.length - 1)}%`).join(',');
  const line = make('span', { class: 'ramp' });
  line.style.background = `linear-gradient(to right, ${stops})`;
  return make('div', { class: 'scale' }, 'weight 0', line, '1 · dot: strongest of its row');
}

// Bits, the mean over the rows.
function entropyOf(sample) {
  if (!sample.attention.length) return null;
  const rows = sample.attention.map(row => row.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0));
  return rows.reduce((a, b) => a + b, 0) / rows.length;
}

function textTable(sample) {
  const row = (name, text) => make('tr', {}, make('th', {}, name), make('td', { dir: 'auto' }, text));
  return make('table', { class: 'texts' }, row('source', sample.source), row('reference', sample.reference), row('translation', sample.text));
}

const nameOf = validation => `epoch ${validation.epoch}, BLEU ${validation.bleu.toFixed(1)}${validation.best ? ', best so far' : ''}`;

function showAttention() {
  const chosen = Number(find('sample').value);
  const step = Number(find('step').value);
  const cards = [];
  RUNS.forEach((run, r) => {
    const validation = run.validations[Math.min(step, run.validations.length - 1)];
    const sample = validation && validation.samples[chosen];
    if (!sample) return;
    const entropy = entropyOf(sample);
    const title = RUNS.length > 1 ? `${run.name}: ${nameOf(validation)}` : nameOf(validation);
    const picture = entropy == null ? make('p', { class: 'note' }, 'This model has no attention.') : heatMap(sample);
    cards.push(make('div', { 'data-run': r }, make('h3', {}, entropy == null ? title : `${title}, entropy ${entropy.toFixed(2)} bits`), picture,
      ...(entropy == null ? [] : [ramp()]), textTable(sample)));
  });
  find('attention').replaceChildren(...cards);
  const longest = longestRun();
  find('step-name').textContent = nameOf(longest.validations[Math.min(step, longest.validations.length - 1)]);
}

const longestRun = () => RUNS.reduce((a, b) => (b.validations.length > a.validations.length ? b : a));

function setUpAttention() {
  const longest = longestRun();
  const samples = longest.validations.length ? longest.validations[0].samples : [];
  if (!samples.length) return find('attention-section').remove();
  find('sample').replaceChildren(...samples.map((sample, i) => make('option', { value: i }, sample.source)));
  const slider = find('step');
  slider.max = longest.validations.length - 1;
  slider.value = slider.max;
  slider.addEventListener('input', showAttention);
  find('sample').addEventListener('change', showAttention);
  let timer = 0;
  const stop = () => { clearInterval(timer); timer = 0; find('play').setAttribute('aria-pressed', false); find('play').textContent = 'Play'; };
  find('play').addEventListener('click', () => {
    if (timer) return stop();
    if (slider.value === slider.max) slider.value = 0;
    find('play').setAttribute('aria-pressed', true);
    find('play').textContent = 'Stop';
    timer = setInterval(() => {
      if (Number(slider.value) >= Number(slider.max)) return stop();
      slider.value = Number(slider.value) + 1;
      showAttention();
    }, 500);
    showAttention();
  });
  showAttention();
}
