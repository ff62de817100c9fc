// ---- learning: a translation that a person accepts teaches a copy of the model, which answers from then on ----
// `steps`: of a copy, how many can be taken back, where the server said so; `taught`: what was accepted, each once.
const learning = { waits: false, steps: new Map(), taught: [] };
const learningLine = find('learning');

function tellLearning(text, isRefusal = false) {
  learningLine.textContent = text;
  learningLine.classList.toggle('refused', isRefusal);
}

// What a person made of a translation, whole: typed, begun in other words, or chosen from the list. The model's own
// teaches nothing, and what was shown before is not what it says now.
function ownText(line) {
  if (line.own != null) return line.own.trim() && line.own;
  const { answer, isStale } = shownOf(0, line);
  if (isStale || !answer || !answer.translations.length) return '';
  return line.prefix || translationOf(line) !== viewedOf(answer).translations[0] ? textOf(line) : '';
}

const isTaught = ({ source: text }, target) => learning.taught.some(each => each.models.includes(sides[0].model) && each.source === text && each.target === target);
const shownCopy = () => sides.map((_, side) => modelOf(side)).find(model => model.base);

// What the server says of a lesson; nothing where there was none. It is asked again only where it has not begun: what it
// may have learnt would be learnt twice.
async function teach(what, body, doing) {
  const hasNotBegun = error => error.status === 429;
  learning.waits = true;
  tellLearning(doing);
  drawActs();
  try {
    return await askUntilAnswered(what, body, new AbortController().signal, text => tellLearning(text || doing), hasNotBegun);
  } catch (error) {
    if (error.status === 401 && await unlock()) return await teach(what, body, doing);
    const isLate = error.status === 503 && !error.wait;
    if (isLate) taughtOnce(body, [body.model]);
    if (isLate || error.status === 404) findModels();
    tellLearning(isLate && body.target ? `${error.message}: it is learnt when there is time.` : error.message, true);
    return null;
  } finally {
    learning.waits = false;
    drawActs();
  }
}

function taughtOnce({ source: text, target }, names) {
  if (target) learning.taught.push({ models: names, source: text, target });
}

// The copy is another now: the list is read anew, and what stands there is asked of who answers from now on.
async function changeTeam(told, asked) {
  learning.steps.set(told.model, told.undo);
  ++lessons;
  await findModels(() => {
    if (!told.pairs) sides.filter(side => side.model === told.model).forEach(side => { side.model = told.base; });
    // Where the copy stands beside its base, they are compared on.
    else if (sides[0].model === asked && !sides.some(side => side.model === told.model)) sides[0].model = told.model;
  });
  if (!told.pairs && sides.length > 1 && nameOfSearch(sides[0]) === nameOfSearch(sides[1])) turnComparing();
}

const figure = value => (value == null ? '–' : value.toFixed(2));
const change = ({ base, copy }) => `${figure(base)} → ${figure(copy)}`;

// How well the copy foretells the corrections, and what it has forgotten.
function outcomeOf({ model, base, pairs, corrections, held_out: heldOut }) {
  if (!pairs) return `${base} has no corrections.`;
  const parts = [
    corrections && `${pairs} ${pairs > 1 ? 'corrections' : 'correction'} ${change(corrections)}`,
    heldOut && `${heldOut.pairs} held-out pairs ${change(heldOut)} (at most ${figure(heldOut.most)})`,
  ].filter(Boolean);
  return parts.length ? `Perplexity (less is better), ${base} → ${model}: ${parts.join('; ')}.` : '';
}

async function accept(line) {
  const target = ownText(line);
  if (SHARED || learning.waits || !modelOf(0).learns || isTaught(line, target)) return;
  if (!target) return tell('What is accepted is a translation that you edited or picked.');
  stopEditing();
  if (line.own == null) judge(line, target);  // it stays as it is, whoever answers
  const body = { model: sides[0].model, source: line.source, target };
  const told = await teach('feedback', body, 'learning…');
  if (!told) return;
  const isSaid = !(told.said < told.given);
  if (told.learnt) {
    if (isSaid) taughtOnce(body, [body.model, told.model]);
    await changeTeam(told, body.model);
  }
  const outcome = told.learnt ? `Learnt${isSaid ? '' : ', but not said yet: accept it again'}.` : `Not learnt: ${told.reason}.`;
  tellLearning(`${outcome} ${outcomeOf(told)}`, !told.learnt);
  drawActs();
}

async function takeBack() {
  const copy = shownCopy();
  if (SHARED || learning.waits || !copy || learning.steps.get(copy.name) === 0) return;
  const told = await teach('feedback/undo', { model: copy.name }, 'taking it back…');
  if (!told) return;
  const last = learning.taught.map(each => each.models.includes(copy.name)).lastIndexOf(true);
  if (last >= 0) learning.taught.splice(last, 1);
  await changeTeam(told, copy.name);
  tellLearning(`Taken back. ${outcomeOf(told)}`);
}

const LEARNING_ACTS = [actOf('accept', 'Accept', 'Teach the model this translation, which you edited or picked (y)', accept),
  actOf('take-back', 'Take back', 'Take the last correction back (z)', takeBack)];
acts.append(...LEARNING_ACTS);

function drawLearning(line) {
  const [accepting, takingBack] = LEARNING_ACTS;
  const target = ownText(line);
  const copy = shownCopy();
  accepting.hidden = !modelOf(0).learns;
  accepting.disabled = learning.waits || !target || isTaught(line, target);
  takingBack.hidden = !copy;
  takingBack.disabled = learning.waits || (copy && learning.steps.get(copy.name) === 0);
}
