// ---- the runs, and elements: text is always text ----
const RUNS = DATA.runs;

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function draw(name, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// Buttons of which one is pressed.
function bar(place, names, choose) {
  const buttons = names.map((name, i) => {
    const button = make('button', { type: 'button', 'aria-pressed': i === 0 }, name);
    button.addEventListener('click', () => {
      buttons.forEach((other, k) => other.setAttribute('aria-pressed', k === i));
      choose(i);
    });
    return button;
  });
  find(place).replaceChildren(...buttons);
}

function shortNumber(value) {
  if (value == null) return '–';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e6) return (value / 1e6).toFixed(size >= 1e7 ? 0 : 1) + 'M';
  if (size >= 1e4) return Math.round(value / 1e3) + 'k';
  if (size < 1e-3) return value.toExponential(0);
  return String(Number(value.toPrecision(3)));
}
// Ticks of an axis, all with as many decimals as tell them apart.
function tickNames(ticks) {
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : 0;
  const most = Math.max(...ticks.map(Math.abs));
  if (!step || most >= 10) return ticks.map(shortNumber);
  if (step < 1e-5) return ticks.map(tick => (tick === 0 ? '0' : tick.toExponential(1)));
  const decimals = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  return ticks.map(tick => tick.toFixed(decimals));
}
function fullNumber(value) {
  if (value == null) return '–';
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(2);
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(4)));
}

function showTip(event, text) {
  const tip = find('tip');
  tip.textContent = text;
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - box.width - 8)) + 'px';
  tip.style.top = Math.max(4, Math.min(event.clientY + 14, innerHeight - box.height - 8)) + 'px';
}
const hideTip = () => { find('tip').hidden = true; };
