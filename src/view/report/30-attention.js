// ---- attention of fixed sentences through training ----
const CELL = { least: 22, most: 40 };
const LETTER = { narrow: 7.4, wide: 13 };
const widthOf = text => [...text].reduce((sum, c) => sum + (c > '\u2e7f' ? LETTER.wide : LETTER.narrow), 0);
// What a label takes above its column: slanted, or upright in East Asian text.
const heightOf = text => (isCjk(text) ? [...text].length * LETTER.wide : widthOf(text) * 0.77) + 20;

function columnLabel(token, x, y) {
  if (isCjk(token)) return draw('text', { class: 'upright', x, y, 'text-anchor': 'end' }, token);
  return draw('text', { x, y, transform: `rotate(-50 ${x} ${y})` }, token);
}

// As wide as its card has room for.
function heatMap(sample, room) {
  const count = sample.source_tokens.length;
  const left = Math.max(...sample.tokens.map(widthOf)) + 12;
  const top = Math.max(...sample.source_tokens.map(heightOf));
  const rtl = isRtl(sample.source_tokens.join(' '));
  const slant = top * 0.9 + 8;  // of the last label
  const fits = Math.floor((room - left - slant) / count);
  const wide = Math.min(Math.max(fits, CELL.least), CELL.most);
  const high = Math.min(wide, 28);
  const xOf = s => left + wide * (rtl ? count - 1 - s : s);
  const svg = draw('svg', { width: left + wide * count + slant, height: top + high * sample.tokens.length + 6, role: 'img', 'aria-label': 'attention' });
  sample.source_tokens.forEach((token, s) => svg.append(columnLabel(token, xOf(s) + wide / 2, top - 8)));
  sample.attention.forEach((row, t) => {
    const y = top + high * t;
    const strongest = row.indexOf(Math.max(...row));
    svg.append(draw('text', { x: left - 7, y: y + high / 2 + 4, 'text-anchor': 'end' }, sample.tokens[t]));
    row.forEach((weight, s) => {
      const square = draw('rect', { x: xOf(s), y, width: wide - 1, height: high - 1, fill: colourOf(weight), 'data-weight': weight });
      square.addEventListener('pointermove', event => showTip(event, `${sample.tokens[t]} ← ${sample.source_tokens[s]}\n${weight.toFixed(4)}`));
      square.addEventListener('pointerleave', hideTip);
      svg.append(square);
      if (s === strongest) svg.append(draw('circle', { cx: xOf(s) + (wide - 1) / 2, cy: y + (high - 1) / 2, r: 2.5, fill: inkOn(weight), 'pointer-events': 'none' }));
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

const entropyOf = sample => sample.entropy;  // bits; null without attention

function textTable(sample) {
  const row = (name, text) => make('tr', {}, make('th', {}, name), make('td', { dir: 'auto' }, text));
  return make('table', { class: 'texts' }, row('source', sample.source), row('reference', sample.reference), row('translation', sample.text));
}

const figureOf = validation => Object.entries(validation.metrics)[0] || ['perplexity', validation.perplexity];
const nameOf = validation => `epoch ${validation.epoch}, ${figureOf(validation)[0]} ${fullNumber(figureOf(validation)[1])}${validation.best ? ', best so far' : ''}`;

// Runs stand beside each other, two where there is room.
function roomOfCard() {
  const whole = find('attention').clientWidth;
  const columns = Math.min(RUNS.length, Math.max(1, Math.floor((whole + 28) / (440 + 28))));
  return (whole - 28 * (columns - 1)) / columns;
}

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
    const picture = entropy == null ? make('p', { class: 'note' }, 'This model has no attention.') : heatMap(sample, roomOfCard());
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
