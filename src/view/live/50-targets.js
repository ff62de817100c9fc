// ---- the translations: words that can be clicked, shaded by how unsure the model was ----
const numbersBox = find('numbers');
const shadeOfDoubt = probability => `color-mix(in srgb, var(--gold) ${Math.round(45 * (1 - probability))}%, transparent)`;
const fourDigits = value => value.toFixed(4).replace('-', '−');

const translationOf = line => {
  const { answer } = shownOf(0, line);
  if (!answer || !answer.translations.length) return null;
  const { translations } = viewedOf(answer);
  return translations[line === chosenLine() ? Math.min(ALL_PANELS[0].translationAt, translations.length - 1) : 0];
};
const textOf = line => (translationOf(line) ? translationOf(line).raw.text : '');

function makeWord({ word, prefix, numbers }, line, k) {
  const isFixed = line.own != null || (line.prefix && prefix.length + word.length <= line.prefix.trimEnd().length);
  return make('span', {
    className: isFixed ? 'word fixed' : 'word', role: 'button', tabindex: line === chosenLine() && k === line.at ? 0 : -1, 'data-at': k,
    'aria-haspopup': SHARED ? null : 'menu', title: numbers ? `probability ${Math.exp(numbers.sum).toFixed(4)}` : null,
    style: numbers ? { backgroundColor: shadeOfDoubt(Math.exp(numbers.sum)) } : {}, textContent: visibleText(word),
  });
}

function fillRow(row, line, answer) {
  const translation = translationOf(line);
  if (answer && answer.error) row.append(make('span', { className: 'refused', textContent: answer.error }));
  if (!translation) return;
  const { places, after } = placesOf(translation);
  line.at = Math.min(line.at, Math.max(places.length - 1, 0));
  row.append(make('bdi', { dir: 'auto' }, ...places.flatMap((place, k) => [visibleText(place.before), makeWord(place, line, k)]), visibleText(after)));
  line.places = places;
}

// A row is made anew when what it shows changed; one that is edited stays.
function rowOf(line, i) {
  const { answer, isStale } = shownOf(0, line);
  const isChosen = line === chosenLine();
  const looks = [i, answer, isChosen, isChosen && ALL_PANELS[0].translationAt, line.prefix, line.own, lines.length > 1, edited.line === line];
  const isSame = line.row && looks.every((look, k) => look === line.row.looks[k]);
  if (!isSame && !(edited.line === line && line.row && line.row.element.contains(edited.field))) {
    if (isChosen) numbersBox.replaceChildren();  // they were of a word that is gone
    const element = make('div', { className: 'target-row', role: 'listitem', 'data-line': i, 'aria-current': isChosen ? 'true' : null });
    if (lines.length > 1) element.append(make('span', { className: 'number', textContent: i + 1 }));
    if (edited.line === line) element.append(edited.field);
    else fillRow(element, line, answer);
    line.row = { element, looks };
  }
  if (edited.line === line && !isStale) goOnInField(answer);
  line.row.element.classList.toggle('stale', isStale);
  return line.row.element;
}

function drawTargets() {
  const hadFocus = document.activeElement && document.activeElement.matches('#targets .word');
  lines.map(rowOf).forEach((row, i) => {
    const there = targets.children[i];
    if (there === row) return;
    if (there) there.replaceWith(row);
    else targets.append(row);
  });
  while (targets.children.length > lines.length) targets.lastChild.remove();
  if (hadFocus) focusWord();
  drawActs();
}

function focusWord(at = chosenLine().at) {
  const row = targets.children[state.sentence];
  const words = row ? [...row.querySelectorAll('.word')] : [];
  if (!words.length) return;
  const k = Math.min(Math.max(at, 0), words.length - 1);
  words.forEach((word, i) => word.setAttribute('tabindex', i === k ? 0 : -1));
  chosenLine().at = k;
  words[k].focus({ preventScroll: true });
  words[k].scrollIntoView({ block: 'nearest' });
}

// The exact numbers of a word, and where it looks.
function lookAtWord(word) {
  const line = lines[word.closest('[data-line]').dataset.line];
  const place = line.places[word.dataset.at];
  if (!place) return;
  const { numbers } = place;
  const bold = text => make('b', { textContent: text });
  const value = text => make('span', { className: 'value', textContent: text });
  const parts = numbers && numbers.tokens.length > 1 ? numbers.tokens.flatMap(({ token, value: sum }) => [' · ', bold(token), ' ', value(fourDigits(Math.exp(sum)))]) : [];
  numbersBox.replaceChildren(bold(visibleText(place.word)), ...(numbers ? [' probability ', value(fourDigits(Math.exp(numbers.sum))), ', log-probability ', value(fourDigits(numbers.sum)), ...parts] : []));
  const [panel] = panels;
  if (line !== chosenLine() || !panel || panel.model !== 0 || !panel.view) return;
  panel.look({ t: panel.view.rows.findIndex(row => row.tokens.includes(place.tokens[0])) });
}

const wordOf = event => event.target.closest && event.target.closest('.word');
const NEXT_WORD = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
function walkWords(event) {
  const word = wordOf(event);
  if (!word || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const runsLeft = getComputedStyle(word).direction === 'rtl';
  if (event.key in NEXT_WORD) focusWord(Number(word.dataset.at) + NEXT_WORD[event.key] * (runsLeft && event.key.startsWith('Arrow') ? -1 : 1));
  else if (event.key === 'Enter' || event.key === ' ') openMenu(word);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function listenToTargets() {
  targets.addEventListener('keydown', walkWords);
  targets.addEventListener('mouseover', event => { if (wordOf(event)) lookAtWord(wordOf(event)); });
  targets.addEventListener('focusin', event => { if (wordOf(event)) lookAtWord(wordOf(event)); });
  targets.addEventListener('click', event => {
    const row = event.target.closest('[data-line]');
    if (!row || event.target.matches('textarea') || !getSelection().isCollapsed) return;  // who marks text wants to copy it
    const i = Number(row.dataset.line);
    const at = wordOf(event) ? Number(wordOf(event).dataset.at) : null;
    chooseLine(i);
    if (at == null) return;
    focusWord(at);
    openMenu(targets.children[i].querySelectorAll('.word')[at]);
  });
}
