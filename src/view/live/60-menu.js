// ---- the menu of a word: what may stand there instead, and how the sentence then goes on ----
const MOST_ALTERNATIVES = 8;
const menu = find('menu');
const opened = { word: null, controller: new AbortController() };

// The text that follows the prefix: its first word, the rest, and the probability of the tokens of that word.
function alternativeOf(translation, prefix) {
  const { text } = translation.raw;
  const begin = lengthOfPrefix(prefix, text);
  if (begin == null) return null;
  const rest = text.slice(begin);
  const { places } = placesOf(translation);
  const place = places.find(each => each.prefix.length + each.word.length > begin);
  if (!place) return { word: '', rest: '', numbers: numbersOf(translation, translation.raw.tokens.map((_, t) => t).slice(-1)) };
  const end = place.prefix.length + place.word.length;
  return { word: text.slice(begin, end).trimStart(), rest: text.slice(end), skipped: rest.length - rest.trimStart().length, numbers: place.numbers };
}

function alternativesOf(answer, prefix) {
  const found = new Map();
  for (const translation of viewedOf(answer).translations) {
    const alternative = alternativeOf(translation, prefix);
    if (alternative && !found.has(alternative.word)) found.set(alternative.word, { ...alternative, text: translation.raw.text });
  }
  return [...found.values()];
}

function makeItem(act, ...children) {
  return make('button', { type: 'button', role: 'menuitem', tabindex: -1, className: 'menu-item', on: { click: () => { closeMenu(); act(); } } }, ...children);
}

function makeAlternative(line, place, alternative) {
  const { word, rest, numbers, text } = alternative;
  // Of one that ends the sentence there is no rest to translate anew.
  const pick = () => (rest.trim() ? begins(line, place.prefix + word + (/^\s/.test(rest) ? ' ' : '')) : judge(line, text));
  return makeItem(pick, make('b', { className: 'alternative', dir: 'auto', textContent: word ? visibleText(word) : '(the end)' }), make('span', { className: 'value', textContent: numbers ? fourDigits(Math.exp(numbers.sum)) : '' }),
    make('span', { className: 'rest', dir: 'auto', textContent: visibleText(rest) }));
}

const doubtful = line => ({
  model: sides[0].model, source: [line.source], nbest: Math.min(MOST_ALTERNATIVES, limits.beam), alternatives: true, token_scores: true,
  ...(line.mustNot.length && { must_not: [line.mustNot] }),
});

function openMenu(word) {
  closeMenu();
  if (SHARED || !word) return;
  const line = lines[word.closest('[data-line]').dataset.line];
  const place = line.places[word.dataset.at];
  opened.word = word;
  const { signal } = opened.controller = new AbortController();
  const waiting = make('p', { className: 'facts-line', textContent: 'Asking what else may stand here …' });
  const note = text => { waiting.textContent = text || 'Asking what else may stand here …'; };
  menu.replaceChildren(waiting,
    makeItem(() => edit(line, place.prefix.length), 'Edit from here'),
    makeItem(() => forbid(line, place.word), 'Must not have ', make('b', { dir: 'auto', textContent: visibleText(place.word) })));
  menu.hidden = false;
  standUnder(word);
  menu.querySelector('[role=menuitem]').focus({ preventScroll: true });
  askUntilAnswered('translate', { ...doubtful(line), prefix: [place.prefix] }, signal, note).then(({ translations: [answer] }) => {
    if (answer.error) return note(answer.error);
    const found = alternativesOf(answer, place.prefix);
    waiting.replaceWith(...(found.length ? found.map(each => makeAlternative(line, place, each)) : [make('p', { className: 'facts-line', textContent: 'The model knows nothing else here.' })]));
    if (menu.contains(document.activeElement)) menu.querySelector('[role=menuitem]').focus({ preventScroll: true });
    standUnder(word);
    menu.dataset.full = '';
    return null;
  }).catch(error => { if (error.name !== 'AbortError') note(error.message); });
}

// Below the word, and inside of the window.
function standUnder(word) {
  const box = word.getBoundingClientRect();
  const left = Math.max(Math.min(box.left, innerWidth - menu.offsetWidth - 8), 8) + scrollX;
  const fits = box.bottom + menu.offsetHeight + 8 <= innerHeight || box.top < menu.offsetHeight + 8;
  Object.assign(menu.style, { left: left + 'px', top: (fits ? box.bottom + 4 : box.top - menu.offsetHeight - 4) + scrollY + 'px' });
}

function closeMenu() {
  if (menu.hidden) return;
  opened.controller.abort();
  const hadFocus = menu.contains(document.activeElement);
  menu.hidden = true;
  delete menu.dataset.full;
  if (hadFocus) focusWord();
}

function listenToMenu() {
  menu.addEventListener('keydown', event => {
    const items = [...menu.querySelectorAll('[role=menuitem]')];
    const at = items.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (next != null) items[(next + items.length) % items.length].focus();
    else if (event.key === 'Escape' || event.key === 'Tab') closeMenu();
    event.stopPropagation();
    if (event.key !== 'Enter' && event.key !== ' ') event.preventDefault();
  });
  document.addEventListener('pointerdown', event => { if (!menu.contains(event.target)) closeMenu(); });
}
