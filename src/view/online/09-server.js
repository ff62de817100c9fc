// ---- the server: what is asked of it, and what its refusals say in words ----
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
  const headers = { ...(body && { 'Content-Type': 'application/json' }), ...(access.key && { Authorization: 'Bearer ' + access.key }) };
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
