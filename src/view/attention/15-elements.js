// ---- labels: SentencePiece's mark of a space is there, but is not what one looks at ----
const MARK = DATA.space_mark;
const labelled = text => (text.startsWith(MARK) ? [make('span', { className: 'space', textContent: MARK }), text.slice(MARK.length)] : [text]);

// ---- how sure the model was ----
// The geometric mean of the probabilities of the tokens.
const confidence = translation => Math.exp(translation.log_probability / Math.max(translation.tokens.length, 1));
const percent = value => (100 * value).toFixed(1) + ' %';
const signed = value => (value == null ? '–' : value.toFixed(4).replace('-', '−'));

// ---- elements: text is always text ----
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    if (key === 'on') Object.entries(value).forEach(([event, act]) => element.addEventListener(event, act));
    else if (key === 'style') Object.assign(element.style, value);
    else if (key in { className: 1, textContent: 1, checked: 1, hidden: 1, disabled: 1 }) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}
function makeSvg(name, attributes = {}) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
