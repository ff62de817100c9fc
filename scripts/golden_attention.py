"""Attention for scripts/make-golden: one sentence, one step at a time, one equation a line, float64.

A mechanism is made with a name and the settings of a model. shapes() are its parameters; attend() takes the query [Hd],
the memory [S, He], and a dictionary of its own that lives as long as the sentence, and gives the context and the
weights [S].
"""
import functools
import math

import torch

import golden_recurrent


# ---- scores to weights ----------------------------------------------------------

def softmax(z):
    return torch.exp(z - torch.logsumexp(z, 0))


def sparsemax(z):
    """Martins and Astudillo 2016, algorithm 1"""
    ordered, _ = torch.sort(z, descending=True)
    k = max(k for k in range(1, len(z) + 1) if 1 + k * ordered[k - 1] > ordered[:k].sum())
    tau = (ordered[:k].sum() - 1) / k
    return torch.clamp(z - tau, min=0)


def entmax15(z):
    """Peters et al. 2019, algorithm 2"""
    x = z / 2
    ordered, _ = torch.sort(x, descending=True)
    for k in range(1, len(z) + 1):
        top = ordered[:k]
        variance = (1 - ((top - top.mean()) ** 2).sum()) / k
        tau = top.mean() - torch.sqrt(variance)
        if k == len(z) or ordered[k] <= tau:
            return torch.clamp(x - tau, min=0) ** 2


NORMALIZERS = {"softmax": softmax, "sparsemax": sparsemax, "entmax15": entmax15}


# ---- mechanisms ------------------------------------------------------------------

class Mechanism:
    """Scores of all positions, normalised; the context is the sum of the memory by the weights."""

    def __init__(self, name, query, encoded, config, parameters):
        self.name, self.query, self.encoded, self.config, self.parameters = name, query, encoded, config, parameters
        self.normalize = NORMALIZERS[config["normalizer"]]

    def p(self, name):
        return self.parameters[f"{self.name}.{name}"]

    def positions(self, query, memory, state):
        """Those that have a weight at all."""
        return range(len(memory))

    def attend(self, query, memory, state, values=None):
        inside = list(self.positions(query, memory, state))
        scores = torch.stack([self.score(query, memory, s, state) for s in inside])
        inner = self.normalize(scores / self.config["temperature"])
        weights = torch.zeros(len(memory), dtype=torch.float64)
        weights = weights.index_put((torch.tensor(inside),), inner)
        return weights @ (memory if values is None else values), weights


class LuongDot(Mechanism):
    def shapes(self):
        return {}

    def score(self, query, memory, s, state):
        return query @ memory[s]


class ScaledDot(LuongDot):
    def score(self, query, memory, s, state):
        return query @ memory[s] / math.sqrt(self.query)


class LuongGeneral(Mechanism):
    def shapes(self):
        return {"key": (self.encoded, self.query)}

    def score(self, query, memory, s, state):
        divisor = math.sqrt(self.query * self.encoded) / 32 if self.config.get("scale") == "width" else 1.0
        return query @ (memory[s] @ self.p("key")) / divisor


class LuongScaled(LuongGeneral):
    def shapes(self):
        return {**super().shapes(), "scale": (1,)}

    def score(self, query, memory, s, state):
        return self.p("scale")[0] * super().score(query, memory, s, state)


class Additive(Mechanism):
    def shapes(self):
        A = self.query
        return {"query": (self.query, A), "key": (self.encoded, A), "bias": (A,), "v": (A,)}

    def v(self):
        return self.p("v")

    def score(self, query, memory, s, state):
        return self.v() @ torch.tanh(query @ self.p("query") + memory[s] @ self.p("key") + self.p("bias"))


class AdditiveNormed(Additive):
    def shapes(self):
        return {**super().shapes(), "gain": (1,)}

    def v(self):
        return self.p("gain")[0] * self.p("v") / torch.sqrt((self.p("v") ** 2).sum())


class LuongLocation(Mechanism):
    def shapes(self):
        return {"positions": (self.query, self.config["positions"])}

    def positions(self, query, memory, state):
        return range(min(len(memory), self.config["positions"]))

    def score(self, query, memory, s, state):
        return query @ self.p("positions")[:, s]


class LuongLocalM(LuongGeneral):
    def positions(self, query, memory, state):
        t = state["t"] = state.get("t", -1) + 1
        centre = min(t, len(memory) - 1)
        return [s for s in range(len(memory)) if abs(s - centre) <= self.config["window"]]


class LuongLocalP(LuongGeneral):
    def shapes(self):
        return {**super().shapes(), "position": (self.query, self.query), "v": (self.query, 1)}

    def centre(self, query, memory):
        return len(memory) * torch.sigmoid(torch.tanh(query @ self.p("position")) @ self.p("v")[:, 0])

    def positions(self, query, memory, state):
        centre = self.centre(query, memory)
        return [s for s in range(len(memory)) if abs(s - centre) <= self.config["window"]]

    def score(self, query, memory, s, state):
        sigma = self.config["window"] / 2
        distance = s - self.centre(query, memory)
        return super().score(query, memory, s, state) - distance ** 2 / (2 * sigma ** 2)


class MultiHead(Mechanism):
    def __init__(self, name, query, encoded, config, parameters):
        super().__init__(name, query, encoded, config, parameters)
        self.width = encoded // config["heads"]
        self.heads = [KINDS[config["score"]](f"{name}.head.{h}.score", self.width, self.width, config, parameters)
                      for h in range(config["heads"])]

    def shapes(self):
        out = {"output": (self.encoded, self.encoded)}
        for h, head in enumerate(self.heads):
            out[f"head.{h}.query"] = (self.query, self.width)
            out[f"head.{h}.key"] = (self.encoded, self.width)
            out[f"head.{h}.value"] = (self.encoded, self.width)
            out.update({f"head.{h}.score.{name}": shape for name, shape in head.shapes().items()})
        return out

    def attend(self, query, memory, state):
        contexts, weights = [], []
        for h, head in enumerate(self.heads):
            q = query @ self.p(f"head.{h}.query")
            keys = memory @ self.p(f"head.{h}.key")
            values = memory @ self.p(f"head.{h}.value")
            c, w = head.attend(q, keys, state.setdefault(h, {}), values)
            contexts.append(c)
            weights.append(w)
        return torch.cat(contexts) @ self.p("output"), sum(weights) / len(weights)


KINDS = {"bahdanau": Additive, "bahdanau-normed": AdditiveNormed, "luong-dot": LuongDot, "scaled-dot": ScaledDot,
         "luong-general": LuongGeneral, "luong-scaled": LuongScaled, "luong-concat": Additive,
         "luong-location": LuongLocation, "luong-local-m": LuongLocalM, "luong-local-p": LuongLocalP,
         "multi-head": MultiHead}


class Recurrent(Mechanism):
    """Attention that depends on the previous step: golden_recurrent.py has its equations."""

    def __init__(self, kind, *arguments):
        super().__init__(*arguments)
        self.kind = kind

    def shapes(self):
        return golden_recurrent.parameter_shapes(self.kind, self.encoded, self.query)

    def attend(self, query, memory, state, values=None):
        p = {name: self.p(name) for name in self.shapes()}
        _, weights, state["left"] = golden_recurrent.attend(self.kind, p, query, memory, state.get("left", {}),
                                                          lambda e: self.normalize(e / self.config["temperature"]))
        return weights @ (memory if values is None else values), weights


KINDS |= {kind: functools.partial(Recurrent, kind) for kind in golden_recurrent.KINDS}


# ---- compositions ----------------------------------------------------------------

class SideBySide:
    """Several mechanisms, one query: contexts beside each other, or their sum through gates."""

    def __init__(self, name, query, encoded, config, parameters):
        self.name, self.query, self.encoded, self.parameters = name, query, encoded, parameters
        self.gated = config["combine"] == "gate"
        self.parts = [KINDS[kind](f"{name}.{i}", query, encoded, config, parameters)
                      for i, kind in enumerate(config["attention"].split("+"))]
        self.columns = encoded if self.gated else encoded * len(self.parts)

    def shapes(self):
        out = {}
        for i, part in enumerate(self.parts):
            out.update({f"{i}.{name}": shape for name, shape in part.shapes().items()})
            if self.gated:
                out[f"gate.{i}.weight"] = (self.query, self.encoded)
                out[f"gate.{i}.bias"] = (self.encoded,)
        return out

    def attend(self, query, memory, state):
        contexts, weights = [], []
        for i, part in enumerate(self.parts):
            c, w = part.attend(query, memory, state.setdefault(i, {}))
            if self.gated:
                W, b = (self.parameters[f"{self.name}.gate.{i}.{n}"] for n in ("weight", "bias"))
                c = torch.sigmoid(query @ W + b) * c
            contexts.append(c)
            weights.append(w)
        return sum(contexts) if self.gated else torch.cat(contexts), sum(weights) / len(weights)


class Hops:
    """The context of each look is in the query of the next; the context is the last one's."""

    def __init__(self, name, query, encoded, config, parameters):
        self.name, self.query, self.parameters = name, query, parameters
        self.hops = [one_look(f"{name}.hop.{k}", query, encoded, config, parameters) for k in range(config["hops"])]
        self.columns = columns_of(self.hops[-1])

    def shapes(self):
        out = {}
        for k, hop in enumerate(self.hops):
            out.update({f"hop.{k}.{name}": shape for name, shape in hop.shapes().items()})
        for k, hop in enumerate(self.hops[:-1]):
            out[f"next.{k}.context"] = (columns_of(hop), self.query)
            out[f"next.{k}.query"] = (self.query, self.query)
            out[f"next.{k}.bias"] = (self.query,)
        return out

    def attend(self, query, memory, state):
        weights = []
        for k, hop in enumerate(self.hops):
            if k > 0:
                C, Q, b = (self.parameters[f"{self.name}.next.{k - 1}.{n}"] for n in ("context", "query", "bias"))
                query = torch.tanh(context @ C + query @ Q + b)
            context, w = hop.attend(query, memory, state.setdefault(k, {}))
            weights.append(w)
        return context, sum(weights) / len(weights)


def columns_of(attention):
    """Width of the context."""
    return attention.encoded if isinstance(attention, Mechanism) else attention.columns


def one_look(name, query, encoded, config, parameters):
    kind = SideBySide if "+" in config["attention"] else KINDS[config["attention"]]
    return kind(name, query, encoded, config, parameters)


def make_attention(name, query, encoded, config, parameters):
    return (one_look if config["hops"] == 1 else Hops)(name, query, encoded, config, parameters)
