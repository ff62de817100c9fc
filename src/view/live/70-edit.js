// ---- editing: what stands before the cursor is how the answer begins, the model goes on ----
const edited = { line: null, field: null };

// How far the text says what the prefix says: but for blanks and the case of letters, which a model may write in its own
// way; null where it begins otherwise.
function lengthOfPrefix(prefix, text) {
  if (text.startsWith(prefix)) return prefix.length;
  let at = 0;
  for (const c of prefix) {
    if (/\s/.test(c)) continue;
    while (/\s/.test(text[at] || '')) ++at;
    const same = text.slice(at, at + c.length);
    if (same.toLowerCase() !== c.toLowerCase()) return null;
    at += c.length;
  }
  while (/\s$/.test(prefix) && /\s/.test(text[at] || '')) ++at;
  return at;
}

function changed(line) {
  ALL_PANELS.forEach(panel => { panel.translationAt = 0; });
  if (line.row) line.row.looks = [];
  askSoon();
  drawTargets();
}

// The translation begins so, and the model goes on.
function begins(line, prefix) {
  Object.assign(line, { prefix, own: null });
  changed(line);
}

// The translation is this text, and the model says how probable it is.
function judge(line, text) {
  Object.assign(line, { prefix: '', own: text });
  changed(line);
}

function forbid(line, word) {
  if (!line.mustNot.includes(word)) line.mustNot.push(word);
  Object.assign(line, { prefix: '', own: null });
  changed(line);
  drawPhrases();
}

// The answer came: what stands behind the cursor is now it.
function goOnInField(answer) {
  const { line, field } = edited;
  if (!answer || line.own != null || field.selectionStart !== field.selectionEnd) return;
  const text = textOf(line);
  const begin = lengthOfPrefix(line.prefix, text);
  if (begin == null || field.value === line.prefix + text.slice(begin)) return;
  const at = line.prefix ? line.prefix.length : field.selectionStart;
  field.value = line.prefix + text.slice(begin);
  field.setSelectionRange(at, at);
}

function typed(event) {
  const { line, field } = edited;
  const takesAway = /^delete(.*Forward|ByCut)$/.test(event.inputType || '') && field.value;
  if (takesAway) Object.assign(line, { prefix: '', own: field.value });
  else Object.assign(line, { prefix: field.value.slice(0, field.selectionStart), own: null });
  askSoon();
  drawTargets();
}

function takeAwayTheRest() {
  const { line, field } = edited;
  field.value = field.value.slice(0, field.selectionStart).trimEnd();
  if (field.value) Object.assign(line, { prefix: '', own: field.value });
  askSoon();
}

function edit(line, at) {
  if (SHARED || isBlank(line)) return;
  stopEditing();
  chooseLine(lines.indexOf(line));
  const field = make('textarea', { className: 'edit', dir: 'auto', rows: 2, 'aria-label': 'Edit the translation: what stands before the cursor stays', spellcheck: 'false',
    on: { input: typed, blur: () => setTimeout(() => { if (edited.field === field && document.activeElement !== field && document.hasFocus()) stopEditing(); }) } });
  field.value = line.own == null ? textOf(line) : line.own;
  Object.assign(edited, { line, field });
  drawTargets();
  field.focus();
  field.setSelectionRange(at == null ? field.value.length : at, at == null ? field.value.length : at);
}

function stopEditing() {
  if (!edited.line) return;
  const { line, field } = edited;
  const hadFocus = document.activeElement === field;
  Object.assign(edited, { line: null, field: null });
  if (line.row) line.row.looks = [];
  drawTargets();
  if (hadFocus) focusWord();
}

function undo(line) {
  stopEditing();
  begins(line, '');
  tell('The translation is the model’s again.');
}

// ---- what can be done with the chosen translation ----
const acts = find('acts');
const actOf = (name, text, title, act) => make('button', { type: 'button', 'data-act': name, title, textContent: text, on: { click: () => act(chosenLine()) } });
const ACTS = [actOf('edit', 'Edit', 'Edit, and let the model go on (i)', line => edit(line)), actOf('undo', 'Undo', 'The model’s own translation again (u)', undo)];
acts.append(make('h2', { textContent: 'Translation' }), make('span', { className: 'legend' }, 'shade: how unsure', make('span', { className: 'ramp doubt' })), make('span', { className: 'push' }), ...ACTS);

function drawActs() {
  const line = chosenLine();
  ACTS[0].disabled = !translationOf(line);
  ACTS[1].disabled = !line.prefix && line.own == null;
  drawLearning(line);
}

// ---- phrases: what the chosen sentence's translation must have and must not have ----
const phrasesBox = find('phrases');
const PHRASES = [['must', 'must have'], ['mustNot', 'must not have']].map(([name, text]) => {
  const field = make('input', { id: 'phrase-' + name, 'data-phrases': name, type: 'text', dir: 'auto', size: 13, autocomplete: 'off', spellcheck: 'false', placeholder: 'phrase, Enter', on: { change: () => add() } });
  const chips = make('span', { className: 'phrases', 'data-of': name });
  const add = () => {
    const phrase = field.value.trim();
    field.value = '';
    const list = chosenLine()[name];
    if (!phrase || list.includes(phrase)) return;
    list.push(phrase);
    changed(chosenLine());
    drawPhrases();
  };
  phrasesBox.append(make('span', { className: 'row' }, make('label', { for: field.id, textContent: text }), chips, field));
  return { name, text, field, chips };
});

function drawPhrases() {
  const line = chosenLine();
  for (const { name, text, chips, field } of PHRASES) {
    chips.replaceChildren(...line[name].map(phrase => make('button', {
      type: 'button', className: 'phrase', dir: 'auto', title: 'Take away', 'aria-label': `${text} ${phrase}: take away`,
      on: { click: () => { line[name].splice(line[name].indexOf(phrase), 1); changed(line); drawPhrases(); field.focus(); } },
    }, visibleText(phrase) + ' ×')));
  }
}
