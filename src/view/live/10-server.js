// ---- the server: what is asked of it, and what its refusals say in words ----
// The one place that knows where answers come from: MODELS, and ask(what, body, signal).
const DEBOUNCE = 12;  // ms between a key and the question
const LONGEST_WAIT = 8000;  // ms between two tries
let apiKey = '';
const limits = { beam: 20, lines: 16 };  // of a question; the server may allow less

class Refused extends Error {
  constructor(message, { status = 0, wait = 0 } = {}) {
    super(message);
    this.status = status;
    this.wait = wait;  // ms until it may be tried again; 0: never
  }
}

const GONE = 'The server does not answer.';
const REFUSALS = {
  401: 'The server asks for a key.', 408: 'The server waited too long for the question.', 413: 'The text is too long for this server.',
  429: 'The server is busy.', 503: 'The server is not ready.',
};

async function refusalOf(reply) {
  let code = '';
  let message = '';
  try {
    ({ code, message } = (await reply.json()).error);
  } catch { /* of a proxy: no JSON */ }
  const isLate = code === 'timeout';  // the same question would take as long again
  const known = !isLate && REFUSALS[reply.status];
  const text = known && message ? `${known} (${message})` : known || message || `The server answers ${reply.status}.`;
  const later = !isLate && [408, 429, 502, 503, 504].includes(reply.status);
  const seconds = Number(reply.headers.get('Retry-After'));
  return new Refused(text, { status: reply.status, wait: later ? (seconds > 0 ? 1000 * seconds : 1000) : 0 });
}

async function ask(what, body, signal) {
  const headers = { ...(body && { 'Content-Type': 'application/json' }), ...(apiKey && { Authorization: 'Bearer ' + apiKey }) };
  let reply;
  try {
    reply = await fetch(what, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body), signal, cache: 'no-store' });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refused(GONE, { wait: 500 });
  }
  if (!reply.ok) throw await refusalOf(reply);
  try {
    return await reply.json();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refused(GONE, { wait: 500 });
  }
}

// Resolves after `ms`, or at once, with false, when it is overtaken.
const pause = (ms, signal) => new Promise(resolve => {
  const timer = setTimeout(() => resolve(true), ms);
  signal.addEventListener('abort', () => { clearTimeout(timer); resolve(false); });
});
const overtaken = () => Object.assign(new Error('overtaken'), { name: 'AbortError' });

// Asks until there is an answer, a refusal that stays, or another question. `tell(text)` says what is waited for.
async function askUntilAnswered(what, body, signal, tell) {
  for (let tries = 0;; ++tries) {
    try {
      const answer = await ask(what, body, signal);
      if (tries) tell('');
      return answer;
    } catch (error) {
      if (!error.wait) throw error;
      const wait = Math.min(error.wait * 2 ** (error.status === 429 ? 0 : tries), Math.max(LONGEST_WAIT, error.wait));
      tell(`${error.message} Trying again in ${Math.max(Math.round(wait / 1000), 1)} s.`);
      if (!await pause(wait, signal)) throw overtaken();
    }
  }
}
