// ---- who answers: a server (src/view/online/), or the program in the page (src/view/single/) ----
// Each has ask(what, body, signal), where `what` is "models", "translate" or "score", of models that learn "feedback"
// or "feedback/undo"; it throws a Refused.
const DEBOUNCE = 12;  // ms between a key and the question
const LONGEST_WAIT = 8000;  // ms between two tries
const access = { key: '' };  // of a server that asks for one
const limits = { beam: 20, lines: 16 };  // of a question; a server may allow less

// Resolves after `ms`, or at once, with false, when it is overtaken.
const pause = (ms, signal) => new Promise(resolve => {
  const timer = setTimeout(() => resolve(true), ms);
  signal.addEventListener('abort', () => { clearTimeout(timer); resolve(false); });
});

// Asks until there is an answer, a refusal that stays, or another question. `tell(text)` says what is waited for;
// `mayRepeat(error)`, whether asking again does no harm.
async function askUntilAnswered(what, body, signal, tell, mayRepeat = () => true) {
  for (let tries = 0;; ++tries) {
    try {
      const answer = await ask(what, body, signal);
      if (tries) tell('');
      return answer;
    } catch (error) {
      if (!error.wait || !mayRepeat(error)) throw error;
      const wait = Math.min(error.wait * 2 ** (error.status === 429 ? 0 : tries), Math.max(LONGEST_WAIT, error.wait));
      tell(`${error.message} Trying again in ${Math.max(Math.round(wait / 1000), 1)} s.`);
      if (!await pause(wait, signal)) throw overtaken();
    }
  }
}
