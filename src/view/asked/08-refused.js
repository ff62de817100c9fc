// ---- why a question has no answer ----
class Refused extends Error {
  constructor(message, { status = 0, wait = 0 } = {}) {
    super(message);
    this.status = status;
    this.wait = wait;  // ms until it may be tried again; 0: never
  }
}

// By another question.
const overtaken = () => Object.assign(new Error('overtaken'), { name: 'AbortError' });
