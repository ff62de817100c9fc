"""`heed serve` with small models, for tests of its page: trained in seconds, asked by HTTP beside the page."""

import random
import subprocess

import server

WORDS = {"red": "rot", "house": "haus", "tree": "baum", "small": "klein", "old": "alt", "dog": "hund", "green": "grün", "street": "straße"}


def train(heed):
    """words.model, and pieces.model, whose tokens are parts of words."""
    generator = random.Random(1)
    with open("few.en", "w", encoding="utf-8") as source, open("few.de", "w", encoding="utf-8") as target:
        for _ in range(300):
            words = generator.choices(list(WORDS), k=generator.randint(1, 6))
            source.write(" ".join(words) + "\n")
            target.write(" ".join(WORDS[word] for word in words) + "\n")
    with open("few.yaml", "w", encoding="utf-8") as file:
        file.write("data: {train: {source: few.en, target: few.de}, validation: {source: few.en, target: few.de}, source: {tokenizer: spaces}, target: {tokenizer: spaces}}\n"
                   "model: {embedding: 32, encoder: {hidden: 32}, decoder: {hidden: 32}}\ntraining: {epochs: 12, batch_tokens: 200, learning_rate: 0.01}\noutput: words.model\n")
    pieces = [f"data.{side}.{key}" for side in ("source", "target") for key in ("tokenizer=sentencepiece", "vocabulary=25")]
    for more in ([], [*pieces, "output=pieces.model"]):
        subprocess.run([heed, "train", "few.yaml", "--quiet", *(part for setting in more for part in ("--set", setting))], capture_output=True, check=True)


class Server(server.Server):
    def answer(self, source, **more):
        """The object of one sentence, asked as the page asks."""
        asked = {"model": "words", "source": [source], "beam": 5, "nbest": 3, "attention": True, "token_scores": True, **more}
        return self.ask("/translate", asked)["translations"][0]


# Put between the page and its server: replies that are late, or refusals; what was asked, and what was aborted. A reply
# is for the next question, or for the next `to` its own; one that is `held` comes with between.release(). Of a model that
# the server has not, `stand_ins` names another that answers.
BETWEEN = """
  window.between = { delays: [], replies: [], asked: [], aborted: 0, stand_ins: {}, release: null };
  const real = window.fetch.bind(window);
  window.fetch = (what, options) => {
    between.asked.push([what, options.body && JSON.parse(options.body)]);
    if (options.signal) options.signal.addEventListener('abort', () => { ++between.aborted; });
    const at = between.replies.findIndex(each => !each.to || each.to === what);
    if (at >= 0) {
      const [reply] = between.replies.splice(at, 1);
      const answer = new Response(JSON.stringify(reply.body), { status: reply.status, headers: reply.headers || {} });
      return reply.held ? new Promise(resolve => { between.release = () => resolve(answer); }) : Promise.resolve(answer);
    }
    const delay = between.delays.shift() || 0;
    const late = { ...options, signal: delay ? undefined : options.signal };  // whose abort it would not hear of
    const asked = options.body && JSON.parse(options.body);
    if (asked && between.stand_ins[asked.model]) late.body = JSON.stringify({ ...asked, model: between.stand_ins[asked.model] });
    return real(what, late).then(answer => new Promise(resolve => setTimeout(() => resolve(answer), delay)));
  };
"""

