"""Cells, encoders and bridges for scripts/make-golden: whole models, one sentence at a time, one equation a line.

GRU steps are PyTorch's own gru_cell, layer normalisation its layer_norm. Weights are stored [in, out].
"""
import torch
import torch.nn.functional as F

from golden_batch import forced

BOS, EOS = 1, 2
GATES = {"lstm": 4, "gru": 3, "layernorm-lstm": 4, "layernorm-gru": 3}
HAS_NO_CELL = ("gru", "layernorm-gru")
SOURCE_LENGTHS = [4, 1, 6, 3]  # tokens, without EOS
TARGET_LENGTHS = [2, 5, 1, 4]

COMMON = dict(source_vocabulary=11, target_vocabulary=13, embedding=5, encoder_hidden=6, decoder_hidden=7,
              encoder_cell="lstm", decoder_cell="lstm", encoder_layers=1, decoder_layers=1, bidirectional=True,
              encoder_residual=False, decoder_residual=False, pyramid=0, bridge="dense", attention="luong-general",
              entry="input-feeding", input_feeding=True, label_smoothing=0.0)
CASES = {
    "gru": dict(encoder_cell="gru", decoder_cell="gru", encoder_layers=2, decoder_layers=2),
    "gru-conditional": dict(encoder_cell="gru", decoder_cell="gru", bridge="mean-tanh", attention="bahdanau",
                            entry="conditional"),
    "layernorm": dict(encoder_cell="layernorm-lstm", decoder_cell="layernorm-lstm", encoder_layers=2,
                      decoder_layers=2, attention="bahdanau", entry="cell-input"),
    "layernorm-gru": dict(encoder_cell="layernorm-gru", decoder_cell="layernorm-gru", encoder_layers=2,
                          decoder_layers=2),
    "layernorm-gru-conditional": dict(encoder_cell="layernorm-gru", decoder_cell="layernorm-gru", bridge="mean-tanh",
                                      attention="bahdanau", entry="conditional"),
    "layernorm-conditional": dict(encoder_cell="gru", decoder_cell="layernorm-lstm", attention="bahdanau",
                                  entry="conditional"),
    "residual": dict(encoder_layers=3, decoder_layers=3, encoder_residual=True, decoder_residual=True, bridge="last",
                     decoder_hidden=6),
    "pyramid": dict(encoder_layers=3, pyramid=2, bridge="learned"),
    "pyramid-residual": dict(encoder_layers=3, pyramid=1, encoder_residual=True, bridge="mean-tanh"),
    "zero": dict(bridge="zero"),
    "deep-gru": dict(encoder_cell="gru", decoder_cell="gru", entry="conditional", bridge="mean-tanh",
                     attention="bahdanau", encoder_cell_depth=3, decoder_cell_depth=2),
    "deep-lstm": dict(encoder_layers=2, decoder_layers=2, encoder_cell_depth=2, decoder_cell_depth=3),
    "deep-layernorm": dict(encoder_cell="layernorm-gru", decoder_cell="layernorm-lstm", bridge="zero",
                           encoder_cell_depth=2, decoder_cell_depth=2),
    "context-gate-source": dict(context_gate="source"),
    "context-gate-target": dict(context_gate="target", entry="conditional", encoder_cell="gru", decoder_cell="gru"),
    "context-gate-both": dict(context_gate="both", attention="bahdanau", decoder_layers=2),
    "first-both-ways": dict(encoder_layers=3, decoder_layers=2, bidirectional="first", encoder_residual=True),
}


def cell_shapes(kind, name, inputs, h):
    """inputs None: a transition, without an input."""
    g = GATES[kind] * h
    shapes = {f"{name}.recurrent": (h, g), f"{name}.bias": (g,)}
    if inputs is not None:
        shapes = {f"{name}.input": (inputs, g), **shapes}
    if kind in HAS_NO_CELL:
        shapes[f"{name}.recurrent_bias"] = (g,)
    if kind == "layernorm-gru":
        shapes.update({f"{name}.input_gain": (g,), f"{name}.recurrent_gain": (g,)})
    if kind == "layernorm-lstm":
        shapes.update({f"{name}.input_gain": (g,), f"{name}.recurrent_gain": (g,),
                       f"{name}.cell_gain": (h,), f"{name}.cell_bias": (h,)})
    if inputs is None:
        shapes.pop(f"{name}.input_gain", None)
    return shapes


def transition_shapes(c, side, name, h):
    return {key: shape for i in range(1, c.get(f"{side}_cell_depth", 1))
            for key, shape in cell_shapes(c[f"{side}_cell"], f"{name}.transition.{i}", None, h).items()}


def directions_of(c, layer):
    both = c["bidirectional"] is True or (c["bidirectional"] == "first" and layer == 0)
    return ["forward", "backward"] if both else ["forward"]


def parameter_shapes(c):
    E, He, Hd = c["embedding"], c["encoder_hidden"], c["decoder_hidden"]
    shapes = {"source.embedding": (c["source_vocabulary"], E), "target.embedding": (c["target_vocabulary"], E)}
    for l in range(c["encoder_layers"]):
        inputs = E if l == 0 else 2 * He if l <= c["pyramid"] else He
        directions = directions_of(c, l)
        for d in directions:
            shapes.update(cell_shapes(c["encoder_cell"], f"encoder.{l}.{d}", inputs, He // len(directions)))
            shapes.update(transition_shapes(c, "encoder", f"encoder.{l}.{d}", He // len(directions)))
    states = ["hidden"] if c["decoder_cell"] in HAS_NO_CELL else ["hidden", "cell"]
    for l in range(c["decoder_layers"]):
        shapes.update(cell_shapes(c["decoder_cell"], f"decoder.{l}", E if l == 0 else Hd, Hd))
        shapes.update(transition_shapes(c, "decoder", f"decoder.{l}", Hd))
        for state in states:
            if c["bridge"] in ("dense", "mean-tanh"):
                shapes[f"bridge.{l}.{state}.weight"] = (He, Hd)
                shapes[f"bridge.{l}.{state}.bias"] = (Hd,)
            if c["bridge"] == "learned":
                shapes[f"bridge.{l}.{state}"] = (Hd,)
    g = GATES[c["decoder_cell"]] * Hd
    shapes["decoder.0.feed"] = (Hd, g)
    if c["entry"] == "cell-input":
        shapes["decoder.0.context"] = (He, g)
    if c["entry"] == "conditional":
        shapes.update(cell_shapes(c["decoder_cell"], "decoder.0.conditional", He, Hd))
    shapes["attention.key"] = (He, Hd)
    if c["attention"] == "bahdanau":
        shapes.update({"attention.query": (Hd, Hd), "attention.bias": (Hd,), "attention.v": (Hd,)})
    shapes.update({"output.context": (He, Hd), "output.hidden": (Hd, Hd), "output.bias": (Hd,),
                   **({"output.gate.context": (He, Hd), "output.gate.hidden": (Hd, Hd), "output.gate.bias": (Hd,)}
                      if "context_gate" in c else {}),
                   "generator.weight": (Hd, c["target_vocabulary"]), "generator.bias": (c["target_vocabulary"],)})
    return shapes


class Model:
    def __init__(self, config, parameters):
        self.c, self.p = config, parameters

    def zeros(self, size):
        return torch.zeros(size, dtype=torch.float64)

    def cell(self, kind, name, x, state, more=()):
        """x [in], state (h, c), more [(vector, its weight)] -> h, c"""
        U, b = self.p[f"{name}.recurrent"], self.p[f"{name}.bias"]
        W = self.p.get(f"{name}.input", torch.zeros(1, U.shape[1], dtype=torch.float64))
        x = torch.zeros(1, dtype=torch.float64) if x is None else x
        h, c = state
        if kind == "gru":  # PyTorch's own, which reads one vector
            inputs = torch.cat([x] + [vector for vector, _ in more])
            weights = torch.cat([W] + [weight for _, weight in more])
            h = torch.gru_cell(inputs[None], h[None], weights.t(), U.t(), b, self.p[f"{name}.recurrent_bias"])[0]
            return h, None
        if kind == "layernorm-gru":
            size = (U.shape[1],)
            known = F.layer_norm(x @ W, size, self.p.get(f"{name}.input_gain")) + b
            if more:
                known = known + F.layer_norm(sum(vector @ weight for vector, weight in more), size,
                                             self.p[f"{name}.input_gain"])
            # Without a state before there is no product, and the norm of zeros is zero.
            inner = F.layer_norm(h @ U, size, self.p[f"{name}.recurrent_gain"]) + self.p[f"{name}.recurrent_bias"]
            (r, z, n), (r2, z2, n2) = known.chunk(3), inner.chunk(3)
            z = torch.sigmoid(z + z2)
            return (1 - z) * torch.tanh(n + torch.sigmoid(r + r2) * n2) + z * h, None
        known, inner = x @ W, h @ U
        for vector, weight in more:
            inner = inner + vector @ weight
        if kind == "lstm":
            gates = known + inner + b
        else:
            size = (U.shape[1],)
            gates = (F.layer_norm(known, size, self.p.get(f"{name}.input_gain")) +
                     F.layer_norm(inner, size, self.p[f"{name}.recurrent_gain"]) + b)
        i, f, g, o = gates.chunk(4)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        read = c
        if kind == "layernorm-lstm":
            read = F.layer_norm(c, c.shape, self.p[f"{name}.cell_gain"], self.p[f"{name}.cell_bias"])
        return torch.sigmoid(o) * torch.tanh(read), c

    def transitions(self, side, name, state):
        for i in range(1, self.c.get(f"{side}_cell_depth", 1)):
            state = self.cell(self.c[f"{side}_cell"], f"{name}.transition.{i}", None, state)
        return state

    def encode(self, source):
        """ids, EOS included -> memory [states, He] and, per layer, (h [He], c [He] or None)"""
        c = self.c
        inputs = [self.p["source.embedding"][token] for token in source]
        finals = []
        for l in range(c["encoder_layers"]):
            directions = directions_of(c, l)
            joins = 0 < l <= c["pyramid"]
            if joins:  # the last of an odd number stands beside itself
                inputs = [torch.cat([inputs[s], inputs[min(s + 1, len(inputs) - 1)]])
                          for s in range(0, len(inputs), 2)]
            outputs, ends = [[] for _ in inputs], []
            for d in directions:
                h = c["encoder_hidden"] // len(directions)
                state = (self.zeros(h), self.zeros(h))
                positions = range(len(inputs))
                for s in positions if d == "forward" else reversed(positions):
                    state = self.cell(c["encoder_cell"], f"encoder.{l}.{d}", inputs[s], state)
                    state = self.transitions("encoder", f"encoder.{l}.{d}", state)
                    outputs[s].append(state[0])
                ends.append(state)
            outputs = [torch.cat(parts) for parts in outputs]
            if c["encoder_residual"] and l > 0 and not joins:
                outputs = [y + x for y, x in zip(outputs, inputs)]
            inputs = outputs
            finals.append((torch.cat([h for h, _ in ends]),
                           None if ends[0][1] is None else torch.cat([cell for _, cell in ends])))
        return torch.stack(inputs), finals

    def start(self, memory, finals):
        kind, states = self.c["bridge"], []
        for l in range(self.c["decoder_layers"]):
            h, c = finals[min(l, len(finals) - 1)]
            if kind in ("dense", "mean-tanh"):
                if kind == "mean-tanh":
                    h = c = memory.mean(0)
                if c is None:
                    c = h
                project = lambda x, name: x @ self.p[f"bridge.{l}.{name}.weight"] + self.p[f"bridge.{l}.{name}.bias"]
                state = (torch.tanh(project(h, "hidden")),
                         None if self.c["decoder_cell"] in HAS_NO_CELL else project(c, "cell"))
            elif kind == "last":
                state = (h, c)
            elif kind == "learned":
                state = (self.p[f"bridge.{l}.hidden"], self.p[f"bridge.{l}.cell"])
            else:
                state = (self.zeros(self.c["decoder_hidden"]), self.zeros(self.c["decoder_hidden"]))
            states.append(state)
        return states

    def attend(self, query, memory):
        keys = memory @ self.p["attention.key"]
        if self.c["attention"] == "bahdanau":
            inner = query @ self.p["attention.query"] + keys + self.p["attention.bias"]
            scores = torch.tanh(inner) @ self.p["attention.v"]
        else:
            scores = keys @ query
        weights = torch.softmax(scores, 0)
        return weights @ memory, weights

    def forward(self, source, target):
        """token ids without marks -> log-probabilities [T+1, Vt], attention to tokens [T+1, S+1]"""
        c, p, kind = self.c, self.p, self.c["decoder_cell"]
        memory, finals = self.encode(source + [EOS])
        states = self.start(memory, finals)
        attentional = self.zeros(c["decoder_hidden"])
        log_probabilities, attention = [], []
        for token in [BOS] + target:
            more = [(attentional, p["decoder.0.feed"])]
            if c["entry"] == "cell-input":
                context, weights = self.attend(states[-1][0], memory)
                more.append((context, p["decoder.0.context"]))
            states[0] = self.cell(kind, "decoder.0", p["target.embedding"][token], states[0], more)
            if c["entry"] == "conditional":
                context, weights = self.attend(states[0][0], memory)
                states[0] = self.cell(kind, "decoder.0.conditional", context, states[0])
            states[0] = self.transitions("decoder", "decoder.0", states[0])
            top = states[0][0]
            for l in range(1, c["decoder_layers"]):
                states[l] = self.transitions("decoder", f"decoder.{l}", self.cell(kind, f"decoder.{l}", top, states[l]))
                top = states[l][0] + top if c["decoder_residual"] else states[l][0]
            if c["entry"] == "input-feeding":
                context, weights = self.attend(top, memory)
            attention.append(self.to_tokens(weights, len(source) + 1))
            from_source, rest = context @ p["output.context"], top @ p["output.hidden"] + p["output.bias"]
            if "context_gate" in c:
                z = torch.sigmoid(context @ p["output.gate.context"] + top @ p["output.gate.hidden"] +
                                  p["output.gate.bias"])
                from_source = from_source if c["context_gate"] == "target" else z * from_source
                rest = {"source": 1, "target": z, "both": 1 - z}[c["context_gate"]] * rest
            attentional = torch.tanh(from_source + rest)
            logits = attentional @ p["generator.weight"] + p["generator.bias"]
            log_probabilities.append(torch.log_softmax(logits, 0))
        return torch.stack(log_probabilities), torch.stack(attention)

    def to_tokens(self, weights, length):
        """Each state's weight in equal parts on the tokens that it covers."""
        covered = 2 ** self.c["pyramid"]
        parts = []
        for s, weight in enumerate(weights):
            count = min(covered, length - s * covered)
            parts += [weight / count] * count
        return torch.stack(parts)


def model_case(name, Draw):
    config = {**COMMON, **CASES[name]}
    draw = Draw(f"cells {name}")
    parameters = {key: draw.normal(*shape) for key, shape in parameter_shapes(config).items()}
    model = Model(config, parameters)
    return forced(model, parameters, draw, config, zip(SOURCE_LENGTHS, TARGET_LENGTHS)), config


def models(Draw):
    """(file name, arrays, config) of each case."""
    for name in CASES:
        yield (f"model-cells-{name}", *model_case(name, Draw))
