"""Single operations for scripts/make-golden."""
import math

import torch

from golden_draw import Draw

functional_call = (torch.func if hasattr(torch, "func") else torch.nn.utils.stateless).functional_call  # before PyTorch 2, and since


class Operation:
    """Collects case/<name>/{input,output,upstream,gradient}/... of one operation."""

    def __init__(self, name):
        self.name, self.draw, self.inputs, self.arrays = name, Draw(f"operation {name}"), {}, {}

    def input(self, name, value):
        self.inputs[name] = value
        self.arrays[f"case/{self.name}/input/{name}"] = value
        return value

    def normal(self, name, *shape, scale=1.0):
        return self.input(name, self.draw.normal(*shape, scale=scale))

    def finish(self, outputs, without_upstream=()):
        """Draws an upstream gradient for each output and takes the inputs' gradients."""
        objective = 0.0
        for name, value in outputs.items():
            self.arrays[f"case/{self.name}/output/{name}"] = value
            if name not in without_upstream:
                upstream = self.draw.normal(*value.shape)
                self.arrays[f"case/{self.name}/upstream/{name}"] = upstream
                objective = objective + (value * upstream.detach()).sum()
        objective.backward()
        for name, value in self.inputs.items():
            if value.requires_grad:
                self.arrays[f"case/{self.name}/gradient/{name}"] = value.grad
        return self.arrays


def masked(scores, lengths):
    """scores [B, S] -> -inf at and after each row's length"""
    outside = torch.arange(scores.shape[1])[None, :] >= lengths[:, None]
    return scores.masked_fill(outside, -math.inf)


def matmul_case(name, rows, inner, columns):
    case = Operation(name)
    a, b = case.normal("a", rows, inner), case.normal("b", inner, columns)
    return case.finish({"c": a @ b})


def linear_case():
    case = Operation("linear")
    x, weight, bias = case.normal("x", 5, 7), case.normal("weight", 7, 3), case.normal("bias", 3)
    return case.finish({"y": x @ weight + bias})


def embedding_case():
    case = Operation("embedding")
    table = case.normal("table", 11, 5)
    ids = case.input("ids", torch.tensor([3, 7, 3, 10, 0, 3, 7]))
    return case.finish({"y": table[ids]})


def lstm_cell_case():
    """torch.nn.LSTMCell, 4 steps, batch 3, input 5, hidden 7."""
    case = Operation("lstm_cell")
    x = case.normal("x", 4, 3, 5)
    h, c = case.normal("h0", 3, 7), case.normal("c0", 3, 7)
    weights = {"input": case.normal("input", 5, 28, scale=0.5),
               "recurrent": case.normal("recurrent", 7, 28, scale=0.5),
               "bias": case.normal("bias", 28, scale=0.5)}
    cell = torch.nn.LSTMCell(5, 7, dtype=torch.float64)
    hs, cs = [], []
    for t in range(4):
        h, c = functional_call(cell, lstm_parameters(weights), (x[t], (h, c)))
        hs.append(h)
        cs.append(c)
    return case.finish({"h": torch.stack(hs), "c": torch.stack(cs)})


def lstm_parameters(weights):
    """Our [in, 4h] weights and one bias under the names, and in the order, of torch.nn."""
    return {"weight_ih": weights["input"].t(), "weight_hh": weights["recurrent"].t(),
            "bias_ih": weights["bias"], "bias_hh": torch.zeros_like(weights["bias"])}


def bidirectional_lstm_case():
    """torch.nn.LSTM over packed sequences of lengths 4, 1, 6: y is 0 on the padding."""
    case = Operation("bidirectional_lstm")
    x = case.normal("x", 3, 6, 5)  # [B, S, E]; numbers on the padding too, which must not matter
    lengths = case.input("lengths", torch.tensor([4, 1, 6]))
    flat = []
    for direction in ("forward", "backward"):
        weights = {"input": case.normal(f"{direction}.input", 5, 12, scale=0.5),
                   "recurrent": case.normal(f"{direction}.recurrent", 3, 12, scale=0.5),
                   "bias": case.normal(f"{direction}.bias", 12, scale=0.5)}
        flat += lstm_parameters(weights).values()
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    zeros = torch.zeros(2, 3, 3, dtype=torch.float64)
    y, h, c = torch._VF.lstm(packed.data, packed.batch_sizes, (zeros, zeros), flat,
                             True, 1, 0.0, True, True)  # has biases, layers, dropout, training, bidirectional
    packed = packed._replace(data=y)
    y, _ = torch.nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
    h, c = (torch.cat([state[0], state[1]], 1)[packed.unsorted_indices] for state in (h, c))  # [B, 2h]
    return case.finish({"y": y, "h": h, "c": c})


def masked_softmax_case():
    case = Operation("masked_softmax")
    x = case.normal("x", 4, 5, scale=2.0)
    lengths = case.input("lengths", torch.tensor([3, 5, 1, 4]))
    return case.finish({"y": torch.softmax(masked(x, lengths), 1)})


def additive_score(case):
    """v . tanh(query + keys + bias), query and keys projected already; [B, S]"""
    query, keys = case.normal("query", 3, 7), case.normal("keys", 3, 5, 7)
    bias, v = case.normal("bias", 7), case.normal("v", 7)
    return torch.tanh(query[:, None, :] + keys + bias) @ v


def additive_score_case():
    case = Operation("additive_score")
    return case.finish({"scores": additive_score(case)})


def attention_case(name):
    """Score, softmax over the first lengths[b] positions, and context, in one."""
    case = Operation(name)
    if name == "additive_attention":
        scores = additive_score(case)
    else:  # dot_attention
        query, keys = case.normal("query", 3, 7), case.normal("keys", 3, 5, 7)
        scores = (keys @ query[:, :, None])[:, :, 0]
    memory = case.normal("memory", 3, 5, 6)
    lengths = case.input("lengths", torch.tensor([3, 5, 1]))
    weights = torch.softmax(masked(scores, lengths), 1)
    context = (weights[:, None, :] @ memory)[:, 0, :]
    return case.finish({"weights": weights, "context": context}, without_upstream=["weights"])


def cross_entropy_case(name, smoothing):
    """loss = sum over the rows; torch's own label smoothing is the same formula."""
    case = Operation(name)
    logits = case.normal("logits", 6, 13, scale=2.0)
    labels = case.input("labels", torch.tensor([2, 12, 0, 5, 5, 3]))
    losses = torch.nn.functional.cross_entropy(logits, labels, reduction="none", label_smoothing=smoothing)
    log_p = torch.log_softmax(logits, 1).gather(1, labels[:, None])[:, 0]
    return case.finish({"loss": losses.sum().reshape(1), "losses": losses, "log_probability": log_p},
                       without_upstream=["losses", "log_probability"])


def distillation_case():
    """Rows with weights of their own, labels beside the mean of two teachers' probabilities (Kim and Rush 2016, 3.1)."""
    case = Operation("distillation")
    logits = case.normal("logits", 6, 13, scale=2.0)
    labels = case.input("labels", torch.tensor([2, 12, 0, 5, 5, 3]))
    teachers = case.input("teachers", case.draw.normal(12, 13, scale=2.0).detach())
    weights = case.input("weights", torch.tensor([[1.0, 0.5, -0.3, 2.0, 0.0, 1.5]], dtype=torch.float64))
    soft = torch.softmax(teachers, 1).reshape(2, 6, 13).mean(0)
    hard = torch.nn.functional.cross_entropy(logits, labels, reduction="none", label_smoothing=0.1)
    losses = 0.6 * hard - 0.4 * (soft * torch.log_softmax(logits, 1)).sum(1)
    return case.finish({"loss": (weights[0] * losses).sum().reshape(1)})


ALIGNED = [[0, 2], [1], [], [3], [2, 1, 0]]


def alignment_case():
    """-mean log of the weights of the linked positions, summed over rows (Chen et al. 2016)."""
    case = Operation("alignment")
    scores = case.normal("scores", 5, 4)
    case.input("first", torch.tensor([0, 2, 3, 3, 4, 7]))
    case.input("positions", torch.tensor([position for row in ALIGNED for position in row]))
    log_weights = torch.log_softmax(scores, 1)
    return case.finish({"loss": sum(-log_weights[r, row].mean() for r, row in enumerate(ALIGNED) if row).reshape(1)})


def operations():
    arrays = {}
    for case in (matmul_case("matmul", 5, 7, 3), matmul_case("matmul_one_row", 1, 19, 17),
                 matmul_case("matmul_wide", 33, 17, 65), linear_case(), embedding_case(), lstm_cell_case(),
                 bidirectional_lstm_case(), masked_softmax_case(), additive_score_case(),
                 attention_case("additive_attention"), attention_case("dot_attention"),
                 cross_entropy_case("cross_entropy", 0.0), cross_entropy_case("cross_entropy_smoothed", 0.1),
                 distillation_case(), alignment_case()):
        arrays.update(case)
    return arrays, {"label_smoothing": "0.1"}
