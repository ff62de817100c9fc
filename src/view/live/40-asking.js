// ---- asking: one question at a time; one that is overtaken is aborted, and no answer is shown that is not asked for ----
const asking = { controller: new AbortController(), signature: '', timer: 0, since: 0, waits: false };
const statusLine = find('status');
const tell = text => { if (statusLine.textContent !== text) statusLine.textContent = text; };
const tellWait = text => { asking.waits = Boolean(text); tell(text); };

const attends = side => modelOf(side).attends !== false;  // a server refuses the attention of a model without

function questionOf(side, some, inFull) {
  const { model } = sides[side];
  const beam = Math.min(sides[side].beam, limits.beam);
  return {
    model, beam, nbest: Math.min(listed, beam), source: some.map(line => line.source), token_scores: true, attention: inFull && attends(side), trace: inFull && state.beam,
    ...(some.some(line => line.prefix) && { prefix: some.map(line => line.prefix) }),
    ...(some.some(line => line.must.length) && { must: some.map(line => line.must) }),
    ...(some.some(line => line.mustNot.length) && { must_not: some.map(line => line.mustNot) }),
  };
}

// Of lines of one side: those that are the user's own are judged, the others translated.
async function answersTo({ side, some, inFull }, signal) {
  const keys = some.map(line => keyOf(side, line));
  const traced = inFull && state.beam;
  let given;
  if (some[0].own != null) {
    const { scores } = await askUntilAnswered('score', { model: sides[side].model, source: some.map(line => line.source), target: some.map(line => line.own), attention: inFull && attends(side) }, signal, tellWait);
    given = scores.map(answerOfScore);
  } else {
    given = (await askUntilAnswered('translate', questionOf(side, some, inFull), signal, tellWait)).translations;
  }
  keys.forEach((key, i) => keep(key, { answer: { ...given[i], translations: given[i].translations || [] }, inFull, traced }));
}

// A refusal that stays is the answer.
async function answered(job, signal) {
  try {
    await answersTo(job, signal);
    return true;
  } catch (error) {
    if (error.name === 'AbortError' || signal.aborted) return false;
    if (error.status === 401) {
      if (await unlock()) {
        asking.signature = '';
        askSoon();
      }
      return false;
    }
    if (error.status === 404) findModels();
    job.some.forEach(line => keep(keyOf(job.side, line), { answer: { source: line.source, error: error.message, translations: [] }, inFull: true, traced: true }));
    return true;
  }
}

function parted(side, some, inFull) {
  const jobs = some.filter(line => line.own != null).map(line => ({ side, some: [line], inFull }));
  const others = some.filter(line => line.own == null);
  for (let i = 0; i < others.length; i += limits.lines) jobs.push({ side, some: others.slice(i, i + limits.lines), inFull });
  return jobs;
}

// What is missing of what is shown: the chosen line in full, of the others their texts.
function missingJobs() {
  const first = sides.flatMap((_, side) => (isMissing(side, chosenLine(), true) ? [{ side, some: [chosenLine()], inFull: true }] : []));
  const others = lines.filter(line => line !== chosenLine() && isMissing(0, line, false));
  return { first, then: parted(0, others, false) };
}

// Whether the panels show what is not asked any more, though the answer is there.
const isBehind = () => sides.some((_, side) => {
  const { answer, isStale } = shownOf(side, chosenLine());
  return !isStale && answer !== drawnAnswers[side];
});

// What was answered may be asked again.
function forget(signature) {
  if (asking.signature === signature) asking.signature = '';
}

async function askForMissing() {
  clearTimeout(asking.timer);
  if (isBehind()) drawMain();
  const { first, then } = missingJobs();
  const signature = JSON.stringify([...first, ...then].map(job => [job.inFull, state.beam, ...job.some.map(line => keyOf(job.side, line))]));
  if (signature === asking.signature) return;
  asking.controller.abort();
  const { signal } = asking.controller = new AbortController();
  asking.signature = signature;
  if (!first.length && !then.length) {
    if (asking.waits) tellWait('');
    return;
  }
  const settled = await Promise.all(first.map(job => answered(job, signal)));
  if (signal.aborted || settled.includes(false)) return;
  if (first.length) {
    drawMain();
    noteTime();
  }
  for (const job of then) {
    if (signal.aborted || !await answered(job, signal)) return;
    drawTargets();
  }
  forget(signature);
}

// For whoever measures: the time from a key to the answer, drawn.
function noteTime() {
  document.documentElement.dataset.answerMs = (performance.now() - asking.since).toFixed(1);
  document.documentElement.dataset.answers = Number(document.documentElement.dataset.answers || 0) + 1;
}

// Something is asked that was not: after a moment, for it may go on.
function askSoon() {
  asking.since = performance.now();
  if (!asking.waits) tell('');
  clearTimeout(asking.timer);
  asking.timer = setTimeout(askForMissing, DEBOUNCE);
}
