// ---- a panel: what one model did with the sentence ----
// The page says what it shows: sentenceOf(model), nameOfModel(model), state, and drawMain(), which draws it again.
const PRINT_WIDTH = 660;

function writeReadout(box, view, { t, s }) {
  const parts = [];
  const word = group => make('b', { textContent: group.label });
  const value = (row, column) => make('span', { className: 'value', textContent: view.shown(row, column) });
  const strongest = (count, weightAt) =>
    Array.from({ length: count }, (_, i) => i).filter(i => weightAt(i) >= 0.0005).sort((a, b) => weightAt(b) - weightAt(a)).slice(0, 8);
  if (t != null && s != null) {
    parts.push(word(view.rows[t]), ` ${view.looks} `, word(view.columns[s]), ` ${view.by} `, value(t, s));
  } else if (t != null) {
    parts.push(word(view.rows[t]), ` ${view.looks} `);
    strongest(view.columns.length, i => view.at(t, i)).forEach((i, k) => parts.push(k ? ' · ' : '', word(view.columns[i]), ' ', value(t, i)));
  } else if (s != null) {
    parts.push(word(view.columns[s]), ` ${view.looked} `);
    strongest(view.rows.length, i => view.at(i, s)).forEach((i, k) => parts.push(k ? ' · ' : '', word(view.rows[i]), ' ', value(i, s)));
  } else {
    parts.push('Point at a word to see where it looks and who looks at it.');
  }
  if (parts.length === 2) parts.push('no word');  // none has so much as 0.0005
  box.replaceChildren(...parts);
}

class Panel {
  constructor(model) {
    this.model = model;
    this.translationAt = 0;
    this.choice = { layer: -1, head: -1 };
    this.measureAt = -1;  // the attention
    this.element = make('div', { className: 'panel', 'data-model': model });
    this.looked = {};
    this.unmarked();
  }
  unmarked() {
    this.differing = new Set();
    this.differingWords = new Set();
    this.elsewhere = new Set();
  }
  get data() { return sentenceOf(this.model); }
  get translation() { return this.data.translations[Math.min(this.translationAt, this.data.translations.length - 1)]; }

  draw() {
    const { data, translation } = this;
    const layers = translation.layers || [];
    if (this.measureAt >= (translation.measures || []).length) this.measureAt = -1;
    if (this.choice.layer >= layers.length) this.choice = { layer: -1, head: -1 };
    if (this.choice.layer >= 0 && this.choice.head >= layers[this.choice.layer].heads.length) this.choice.head = -1;
    this.looked = {};
    this.parts = [];
    this.ribbons = null;
    this.element.replaceChildren(...[panels.length > 1 && make('h2', { textContent: nameOfModel(this.model) }), this.makeText(), this.makeFacts(), this.makeChoices()].filter(Boolean));
    this.view = null;
    if (!translation.tokens.length || translation.attention == null) {
      const why = translation.tokens.length ? 'This translation has no attention to look at.' : 'An empty sentence: there is nothing to look at.';
      this.element.append(make('p', { className: 'empty', textContent: why }));
      return;
    }
    this.view = viewOf(data, translation, { ...this.choice, measure: this.measureAt }, state.words);
    const gold = state.gold && this.translationAt === 0 ? goldOf(data, this.view) : [];
    const marks = group => [group.tokens.some(token => this.differing.has(token)) && 'differs', group.tokens.some(token => this.elsewhere.has(token)) && 'elsewhere'];
    this.readout = make('div', { className: 'readout' });
    if (state.ribbons || state.heatmap) this.element.append(this.readout);
    writeReadout(this.readout, this.view, {});
    if (state.ribbons) this.addRibbons(gold, marks);
    if (state.heatmap) this.addHeatmap(gold, marks);
    if (state.heads && headsOf(translation) > 1) this.element.append(this.makeHeads());
    if (state.beam && data.trace) this.element.append(makeBeam(data, state.printing, state.heatmap && this.choice.layer < 0 && this.measureAt < 0 ? translation.tokens : null));
  }

  makeText() {
    const { text } = this.translation;
    const line = make('p', { className: 'target-text' });
    if (!this.differingWords.size) return make('p', { className: 'target-text', textContent: text });
    let word = 0;
    // What separates words (heed/base/utf8.h), as it is shown; no-break spaces do not.
    for (const part of text.split(/([ \u2409-\u240d]+)/)) {
      const isWord = /[^ \u2409-\u240d]/.test(part);
      line.append(isWord && this.differingWords.has(word) ? make('span', { className: 'differs', textContent: part }) : part);
      if (isWord) ++word;
    }
    return line;
  }

  makeFacts() {
    const { data, translation } = this;
    const line = make('div', { className: 'facts-line' });
    const add = (name, value) => line.append(line.childNodes.length ? ' · ' : '', name + ' ', make('b', { textContent: value }));
    if (!translation.tokens.length) return line;
    add('score', signed(translation.score));
    add('log-probability', signed(translation.log_probability));
    add('confidence', percent(confidence(translation)));
    add('tokens', `${data.tokens.length} → ${translation.tokens.length}`);
    if (data.error_rate != null) add('AER', data.error_rate.toFixed(1));
    return line;
  }

  makeChoices() {
    const box = make('div', { className: 'choices' });
    const add = (name, options, value, act) => {
      const choose = make('select', { 'aria-label': name, 'data-choice': name, on: { change: event => { act(Number(event.target.value)); drawMain(); } } });
      options.forEach(([at, text]) => choose.append(make('option', { value: at, textContent: text })));
      choose.value = value;
      box.append(make('label', {}, name, choose));
    };
    const { data, translation } = this;
    if (data.translations.length > 1) {
      add('translation', data.translations.map((each, i) => [i, `${i + 1}: ${each.text}`]), Math.min(this.translationAt, data.translations.length - 1), value => { this.translationAt = value; });
    }
    if (translation.measures) {
      add('shown', [[-1, 'attention'], ...translation.measures.map((each, i) => [i, each.name])], this.measureAt, value => { this.measureAt = value; });
    }
    const layers = translation.layers || [];
    const heads = headsOf(translation);
    if (heads < 2 || this.measureAt >= 0) return box;
    add('layer', [[-1, nameOfMean(translation)], ...layers.map((layer, i) => [i, layer.name])], this.choice.layer, value => { this.choice = { layer: value, head: -1 }; });
    if (this.choice.layer >= 0 && layers[this.choice.layer].heads.length > 1) {
      const count = layers[this.choice.layer].heads.length;
      add('head', [[-1, `mean of ${count} heads`], ...layers[this.choice.layer].heads.map((_, i) => [i, `head ${i + 1}`])], this.choice.head, value => { this.choice.head = value; });
    }
    return box;
  }

  get measure() {
    const layers = this.translation.layers || [];
    const mean = headsOf(this.translation) < 2 ? '' : nameOfMean(this.translation);
    const merged = this.view.digits === 3 && state.words ? ', sub-words merged' : '';
    if (this.measureAt >= 0) return this.translation.measures[this.measureAt].name + merged;
    if (!mean) return 'Weights' + merged;
    if (this.choice.layer < 0) return 'M' + mean.slice(1) + merged;
    const layer = layers[this.choice.layer];
    if (layer.heads.length === 1) return layer.name + merged;
    return `${layer.name}, ${this.choice.head < 0 ? `mean of ${layer.heads.length} heads` : `head ${this.choice.head + 1}`}${merged}`;
  }

  // The probability of a target group, where the file tells it.
  titleOf(t) {
    const numbers = this.translation.log_probabilities;
    if (!numbers) return '';
    return 'probability ' + Math.exp(this.view.rows[t].tokens.reduce((sum, token) => sum + numbers[token], 0)).toFixed(4);
  }

  addRibbons(gold, marks) {
    const ribbons = makeRibbons(this.view, { gold, marks, look: at => this.look(at), title: t => this.titleOf(t) });
    this.ribbons = ribbons;
    this.parts.push(ribbons);
    this.element.append(make('section', { className: 'card ribbons' },
      make('h3', {}, make('span', { textContent: this.measure }), make('span', { className: 'legend', textContent: 'above: source · below: target' })),
      make('div', { className: 'scroll' }, ribbons.element)));
  }

  addHeatmap(gold, marks) {
    const map = makeHeatmap(this.view, { gold, marks, look: at => this.look(at), width: state.printing ? PRINT_WIDTH / panels.length : 0 });
    this.parts.push(map);
    this.element.append(make('section', { className: 'card heatmap' },
      make('h3', {}, make('span', { textContent: this.measure + ': rows are target, columns source' }), makeLegend(this.view, gold)),
      make('div', { className: 'scroll' }, map.element)));
  }

  // All heads beside each other; a click shows one in full.
  makeHeads() {
    const { data, translation } = this;
    const figures = translation.layers.flatMap((layer, l) => layer.heads.map((_, h) => {
      const chosen = this.choice.layer === l && (this.choice.head === h || layer.heads.length === 1);
      const name = layer.heads.length === 1 ? layer.name : `${layer.name}, head ${h + 1}`;
      const pick = () => { this.choice = chosen ? { layer: -1, head: -1 } : { layer: l, head: h }; this.measureAt = -1; drawMain(); };
      return make('button', { className: 'head', type: 'button', 'aria-pressed': String(chosen), 'data-head': `${l},${h}`, on: { click: pick } },
        makeSmallMap(viewOf(data, translation, { layer: l, head: h }, state.words)), make('span', { textContent: name }));
    }));
    return make('section', { className: 'card heads' },
      make('h3', {}, make('span', { textContent: 'Heads' }), make('span', { className: 'legend', textContent: 'rows are target, columns source · click to see one in full' })),
      make('div', { className: 'grid' }, ...figures));
  }

  // Shows where target word t looks, who looks at source word s, or the weight of both.
  look(at) {
    if (!this.view || (at.t === this.looked.t && at.s === this.looked.s)) return;
    this.show(at);
    // The same source word in the panel beside this one.
    const shared = at.t == null ? at : {};
    panels.forEach(panel => panel !== this && panel.view && panel.view.columns.length === this.view.columns.length && panel.show(shared));
  }
  show(at) {
    this.looked = at;
    this.parts.forEach(part => part.show(at));
    writeReadout(this.readout, this.view, at);
  }

  // The next or the last word of a side, from the keyboard.
  walk(side, by) {
    if (!this.view) return;
    const count = (side === 't' ? this.view.rows : this.view.columns).length;
    const at = this.looked[side];
    this.look({ [side]: at == null ? (by > 0 ? 0 : count - 1) : (at + by + count) % count });
    const chip = this.element.querySelector('.chip.at');
    if (chip) chip.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
}
