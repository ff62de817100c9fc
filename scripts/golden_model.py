"""The model of scripts/make-golden: one sentence at a time, one equation a line, no mask and no batch, float64."""
import torch

import golden_recurrent
from golden_attention import columns_of, make_attention

BOS, EOS = 1, 2


def entry_of(config):
    """Where the context goes: as the mechanism's paper has it, if nothing is said."""
    if config["entry"] in ("input-feeding", "output-only") or config["attention"] == "none":
        return "output"
    first = config["attention"].split("+")[0]
    paper = "cell-input" if first in ("bahdanau", "bahdanau-normed") else golden_recurrent.entry_of(first)
    return paper if config["entry"] == "auto" else config["entry"]


def feeds(config):
    return config["input_feeding"] and config["entry"] != "output-only"


def output_names(config):
    """One h~, or one for each layer."""
    return [f"output.{l}" for l in range(config["layers"])] if config["attention_layers"] == "each" else ["output"]


def tied(config):
    return config.get("tied", "none") != "none"


def output_weight(parameters):
    """[h~, V]: its own, or the target's embeddings turned round (Press and Wolf 2017)"""
    return parameters["generator.weight"] if "generator.weight" in parameters else parameters["target.embedding"].T


def make_attentions(config, parameters):
    if config["attention"] == "none":
        return []
    encoded = config["encoder_hidden"] * (config["layers"] if config["attention_source"] == "all" else 1)
    names = [output.replace("output", "attention") for output in output_names(config)]
    return [make_attention(name, config["decoder_hidden"], encoded, config, parameters) for name in names]


def parameter_shapes(config):
    embedding, He, Hd = config["embedding"], config["encoder_hidden"], config["decoder_hidden"]
    directions = ["forward", "backward"] if config["bidirectional"] else ["forward"]
    h = He // len(directions)
    O = embedding if tied(config) else Hd  # width of the last h~
    shapes = {"source.embedding": (config["source_vocabulary"], embedding),
              "target.embedding": (config["target_vocabulary"], embedding)}
    if config.get("tied") == "all":
        del shapes["source.embedding"]
    for l in range(config["layers"]):
        for d in directions:
            shapes[f"encoder.{l}.{d}.input"] = (embedding if l == 0 else He, 4 * h)
            shapes[f"encoder.{l}.{d}.recurrent"] = (h, 4 * h)
            shapes[f"encoder.{l}.{d}.bias"] = (4 * h,)
        for state in ["hidden", "cell"]:
            shapes[f"bridge.{l}.{state}.weight"] = (He, Hd)
            shapes[f"bridge.{l}.{state}.bias"] = (Hd,)
        shapes[f"decoder.{l}.input"] = (embedding if l == 0 else Hd, 4 * Hd)
        shapes[f"decoder.{l}.recurrent"] = (Hd, 4 * Hd)
        shapes[f"decoder.{l}.bias"] = (4 * Hd,)
    if feeds(config):
        shapes["decoder.0.feed"] = (O, 4 * Hd)
    attentions = make_attentions(config, {})
    C = columns_of(attentions[0]) if attentions else 0
    entry = entry_of(config)
    if entry == "conditional":
        shapes.update({f"decoder.0.conditional.{name}": shape for name, shape in
                       dict(input=(C, 4 * Hd), recurrent=(Hd, 4 * Hd), bias=(4 * Hd,)).items()})
    for l in range({"cell-input": 1, "first-layer": config["layers"], "all-layers": config["layers"]}.get(entry, 0)):
        shapes[f"decoder.{l}.context"] = (C, 4 * Hd)
    for a in attentions:
        shapes.update({f"{a.name}.{name}": shape for name, shape in a.shapes().items()})
    outputs = output_names(config)
    for output in outputs:
        width = O if output == outputs[-1] else Hd
        if attentions:
            shapes[f"{output}.context"] = (C, width)
        shapes[f"{output}.hidden"] = (Hd, width)
        if config["deep_output"] and output == outputs[-1]:
            shapes[f"{output}.embedding"] = (embedding, width)
        shapes[f"{output}.bias"] = (width,)
    if not tied(config):
        shapes["generator.weight"] = (Hd, config["target_vocabulary"])
    shapes["generator.bias"] = (config["target_vocabulary"],)
    return shapes


def lstm_cell(gates, c):
    """gates [4h] before their nonlinearities, c [h] -> h, c"""
    i, f, g, o = gates.chunk(4)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


class Model:
    def __init__(self, config, parameters):
        self.config, self.p, self.entry = config, parameters, entry_of(config)
        self.attentions, self.outputs = make_attentions(config, parameters), output_names(config)

    def embed(self, source):
        """[E] of each token; models with features have more"""
        table = self.p["target.embedding" if self.config.get("tied") == "all" else "source.embedding"]
        return [table[token] for token in source]

    def encode(self, source):
        """ids, EOS included -> memory [S, He], of all layers [S, layers He], and, per layer, (h [He], c [He])"""
        directions = ["forward", "backward"] if self.config["bidirectional"] else ["forward"]
        inputs = self.embed(source)
        finals, of_layers = [], []
        for l in range(self.config["layers"]):
            outputs, last_h, last_c = [[] for _ in source], [], []
            for d in directions:
                W, U, b = (self.p[f"encoder.{l}.{d}.{n}"] for n in ("input", "recurrent", "bias"))
                h = c = torch.zeros(U.shape[0], dtype=torch.float64)
                positions = range(len(source))
                for s in positions if d == "forward" else reversed(positions):
                    h, c = lstm_cell(inputs[s] @ W + h @ U + b, c)
                    outputs[s].append(h)
                last_h.append(h)
                last_c.append(c)
            inputs = [torch.cat(parts) for parts in outputs]
            of_layers.append(torch.stack(inputs))
            finals.append((torch.cat(last_h), torch.cat(last_c)))
        memory = torch.cat(of_layers, 1) if self.config["attention_source"] == "all" else of_layers[-1]
        return memory, finals

    def bridge(self, finals):
        states = []
        for l, (h, c) in enumerate(finals):
            hidden = torch.tanh(h @ self.p[f"bridge.{l}.hidden.weight"] + self.p[f"bridge.{l}.hidden.bias"])
            cell = c @ self.p[f"bridge.{l}.cell.weight"] + self.p[f"bridge.{l}.cell.bias"]
            states.append((hidden, cell))
        return states

    def combine(self, output, context, h, embedded):
        """h~ of Luong et al. 2015, equation 5; with deep output the embedding too"""
        combined = h @ self.p[f"{output}.hidden"] + self.p[f"{output}.bias"]
        if context is not None:
            combined = combined + context @ self.p[f"{output}.context"]
        if f"{output}.embedding" in self.p:
            combined = combined + embedded @ self.p[f"{output}.embedding"]
        return torch.tanh(combined)

    def first_layer(self, gates, states, context, attend):
        """The first cell, or the first two: -> context, or None where it comes later; states[0] is changed"""
        p, entry, (h, c) = self.p, self.entry, states[0]
        if entry in ("cell-input", "first-layer"):  # the query is a state before this step
            context = attend(0, states[-1 if entry == "cell-input" else 0][0])
        if entry in ("cell-input", "first-layer", "all-layers") and context is not None:
            gates = gates + context @ p["decoder.0.context"]
        h, c = lstm_cell(gates + h @ p["decoder.0.recurrent"] + p["decoder.0.bias"], c)
        if entry in ("conditional", "all-layers"):  # the query is the state after the first cell
            context = attend(0, h)
        if entry == "conditional":
            W, U, b = (p[f"decoder.0.conditional.{n}"] for n in ("input", "recurrent", "bias"))
            h, c = lstm_cell(context @ W + h @ U + b, c)
        states[0] = h, c
        return context

    def output(self, logits, weights, context, hidden, token):
        """log-probabilities of a step; models that do more than generate have their own"""
        return torch.log_softmax(logits, 0)

    def forward(self, source, target):
        """token ids without marks -> log-probabilities [T+1, Vt], attention [T+1, S+1]"""
        p, each = self.p, self.config["attention_layers"] == "each"
        memory, finals = self.encode(source + [EOS])
        self.memory = memory
        states = self.bridge(finals)
        carried = [{} for _ in self.attentions]  # what mechanisms know of the steps before
        attentional, context = torch.zeros(len(p[f"{self.outputs[-1]}.bias"]), dtype=torch.float64), None
        log_probabilities, attention = [], []
        for token in [BOS] + target:
            looks = []

            def attend(a, query):
                found, weights = self.attentions[a].attend(query, memory, carried[a])
                looks.append(weights)
                return found

            embedded = p["target.embedding"][token]
            gates = embedded @ p["decoder.0.input"]
            if feeds(self.config):
                gates = gates + attentional @ p["decoder.0.feed"]
            context = self.first_layer(gates, states, context, attend)
            for l in range(len(states)):
                if l > 0:
                    h, c = states[l]
                    below = attentional if each else states[l - 1][0]
                    gates = below @ p[f"decoder.{l}.input"] + h @ p[f"decoder.{l}.recurrent"] + p[f"decoder.{l}.bias"]
                    if f"decoder.{l}.context" in p:
                        gates = gates + context @ p[f"decoder.{l}.context"]
                    states[l] = lstm_cell(gates, c)
                if each or l == len(states) - 1:
                    a = l if each else 0
                    if self.attentions and self.entry == "output":
                        context = attend(a, states[l][0])
                    attentional = self.combine(self.outputs[a], context, states[l][0], embedded)
            if looks:
                attention.append(sum(looks) / len(looks))
            logits = attentional @ output_weight(p) + p["generator.bias"]
            weights = attention[-1] if looks else None
            log_probabilities.append(self.output(logits, weights, context, states[-1][0], token))
        return torch.stack(log_probabilities), torch.stack(attention) if attention else None
