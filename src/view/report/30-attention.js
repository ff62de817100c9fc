// ---- attention of fixed sentences through training ----
const CELL = 22;
const LETTER = { narrow: 7.4, wide: 13 };
const widthOf = text => [...text].reduce((sum, c) => sum + (c > '\u2e7f' ? LETTER.wide : LETTER.narrow), 0);
// What a label takes above its column: slanted, or upright in East Asian text.
const heightOf = text => (isCjk(text) ? [...text].length * LETTER.wide : widthOf(text) * 0.77) + 20;

function columnLabel(token, x, y) {
  if (isCjk(token)) return draw('text', { class: 'upright', x, y, 'text-anchor': 'end' }, token);
  return draw('text', { x, y, transform: `rotate(-50 ${x} ${y})` }, token);
}

function heatMap(sample) {
  const count = sample.source_tokens.length;
  const left = Math.max(...sample.tokens.map(widthOf)) + 12;
  const top = Math.max(...sample.source_tokens.map(heightOf));
  const rtl = isRtl(sample.source_tokens.join(' '));
  const xOf = s => left + CELL * (rtl ? count - 1 - s : s);
  const svg = draw('svg', { width: left + CELL * count + top * 0.9 + 8, height: top + CELL * sample.tokens.length + 6, role: 'img', 'aria-label': 'attention' });
  sample.source_tokens.forEach((token, s) => svg.append(columnLabel(token, xOf(s) + CELL / 2, top - 8)));
  sample.attention.forEach((row, t) => {
    const y = top + CELL * t;
    const strongest = row.indexOf(Math.max(...row));
    svg.append(draw('text', { x: left - 7, y: y + 15, 'text-anchor': 'end' }, sample.tokens[t]));
    row.forEach((weight, s) => {
      const square = draw('rect', { x: xOf(s), y, width: CELL - 1, height: CELL - 1, fill: colourOf(weight), 'data-weight': weight });
      square.addEventListener('pointermove', event => showTip(event, `${sample.tokens[t]} ← ${sample.source_tokens[s]}\n${weight.toFixed(4)}`));
      square.addEventListener('pointerleave', hideTip);
      svg.append(square);
      if (s === strongest) svg.append(draw('circle', { cx: xOf(s) + (CELL - 1) / 2, cy: y + (CELL - 1) / 2, r: 2.5, fill: inkOn(weight), 'pointer-events': 'none' }));
    });
  });
  return make('div', { class: 'heat' }, svg);
}

function ramp(run) {
  const stops = Array.from({ length: 9 }, (_, i) => colourOf(i / 8)).join(',');
  const line = make('span', { class: 'ramp' });
  line.style.background = `linear-gradient(to right, ${stops})`;
  return make('div', { class: 'scale' }, 'weight 0', line, `1${run.measure && ', ' + run.measure} · dot: strongest of its row`);
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
      ...(entropy == null ? [] : [ramp(run)]), textTable(sample)));
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
}
