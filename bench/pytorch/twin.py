"""Heed's model in PyTorch, as fast as a good user would write it.

The peer of `heed bench train` and `heed bench translate`: the same model, the same arguments, the same work. Start it
through bench/pytorch/run, which sets the environment in which PyTorch is fastest. `bench/pytorch/check` proves against
tests/golden that it is the same model.

Choices, each the faster of what was measured (README.md beside this file has the figures): the encoder is nn.LSTM, which
oneDNN computes; the decoder's cell is written by hand, with the embeddings' input product before the time loop and one
product per step for all that is left; product and sum over torch.bmm for attention; the fused Adam. Everything is
time-major [T, B, ...], so that a step is a contiguous slice. `--compile` and int8, which help on some machines and at some
sizes, are the caller's choice.
"""
import argparse
import json
import math
import resource
import statistics
import sys
import tempfile
import time
import warnings

STARTED = time.perf_counter()
import torch
from torch import nn
from torch.nn import functional as F

IMPORT_MILLISECONDS = (time.perf_counter() - STARTED) * 1e3
ORIGIN = "Debian" if torch.__file__.startswith("/usr/lib/python3/") else "PyPI"
IS_OLD = torch.__version__.startswith("1.")  # that of Debian 12
BOS, EOS, FIRST_WORD = 1, 2, 3
ATTENTIONS = ["none", "bahdanau", "luong-dot", "luong-general", "luong-concat"]
WARM_UP = 3


class OneRow(nn.Linear):
    """In Debian 12's PyTorch one row goes through OpenBLAS's matrix-vector product, 2.8 times as fast as its matrix product."""

    def forward(self, x):
        if x.dim() == 2 and len(x) == 1 and not torch.is_grad_enabled():
            y = torch.mv(self.weight, x[0])
            return (y if self.bias is None else y + self.bias).unsqueeze(0)
        return F.linear(x, self.weight, self.bias)


Linear = OneRow if IS_OLD else nn.Linear


class Encoder(nn.Module):
    def __init__(self, vocabulary, embedding, hidden, layers, bidirectional=True):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        directions = 2 if bidirectional else 1
        self.lstm = nn.LSTM(embedding, hidden // directions, layers, bidirectional=bidirectional)
        for name, parameter in self.lstm.named_parameters():
            if "bias_hh" in name:  # torch has two biases where one does
                parameter.data.zero_()
                parameter.requires_grad_(False)

    def forward(self, source, lengths=None):
        """source [S, B] -> memory [S, B, He], final h and c per layer [L, B, He]"""
        inputs = self.embedding(source)
        if lengths is None:
            memory, states = self.lstm(inputs)
        else:
            packed = nn.utils.rnn.pack_padded_sequence(inputs, lengths, enforce_sorted=False)
            memory, states = self.lstm(packed)
            memory, _ = nn.utils.rnn.pad_packed_sequence(memory)
        layers, batch = self.lstm.num_layers, source.shape[1]
        h, c = (s.view(layers, -1, batch, s.shape[-1]).transpose(1, 2).reshape(layers, batch, -1) for s in states)
        return memory, h, c


class Attention(nn.Module):
    def __init__(self, kind, memory_size, hidden, scale="width"):
        super().__init__()
        self.factor = 32 / math.sqrt(memory_size * hidden) if kind == "luong-general" and scale == "width" else 1.0
        self.additive = kind in ("bahdanau", "luong-concat")
        if self.additive:
            self.query = Linear(hidden, hidden, bias=False)
            self.v = nn.Parameter(torch.empty(hidden).uniform_(-0.1, 0.1))
        if kind == "luong-dot":
            assert memory_size == hidden, "luong-dot needs an encoder as wide as the decoder"
            self.key = nn.Identity()
        else:
            self.key = Linear(memory_size, hidden, bias=self.additive)

    def keys(self, memory):
        keys = self.key(memory)
        return keys if self.factor == 1.0 else keys * self.factor

    def forward(self, query, keys, memory, mask):
        """query [B, H], keys and memory [S, B, H], mask [S, B] or None -> context [B, He], weights [S, B]"""
        if self.additive:
            scores = torch.tanh(keys + self.query(query)) @ self.v
        else:
            scores = (keys * query).sum(2)
        if mask is not None:
            scores = scores.masked_fill(mask, -math.inf)
        weights = torch.softmax(scores, 0)
        return (memory * weights.unsqueeze(2)).sum(0), weights


class Decoder(nn.Module):
    def __init__(self, vocabulary, embedding, memory_size, hidden, layers, attention, input_feeding=True,
                 scale="width"):
        super().__init__()
        self.kind, self.hidden, self.layers, self.input_feeding = attention, hidden, layers, input_feeding
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.bridge_hidden = nn.ModuleList(Linear(memory_size, hidden) for _ in range(layers))
        self.bridge_cell = nn.ModuleList(Linear(memory_size, hidden) for _ in range(layers))
        self.input = Linear(embedding, 4 * hidden)
        fed = (hidden if input_feeding else 0) + (memory_size if attention == "bahdanau" else 0)
        # One product per cell: the first layer's input is [h~; context; h], the others' [h below; h].
        self.cells = nn.ModuleList(Linear(fed + hidden, 4 * hidden, bias=False) if l == 0 else
                                   Linear(2 * hidden, 4 * hidden) for l in range(layers))
        if attention != "none":
            self.attention = Attention(attention, memory_size, hidden, scale)
        self.combine = Linear(hidden + (memory_size if attention != "none" else 0), hidden)
        self.generator = Linear(hidden, vocabulary)

    def start(self, memory, h, c):
        """Encoder's result -> what `step` carries: hidden and cell per layer, h~; and the keys, projected once"""
        hs = [torch.tanh(bridge(x)) for bridge, x in zip(self.bridge_hidden, h)]
        cs = [bridge(x) for bridge, x in zip(self.bridge_cell, c)]
        keys = self.attention.keys(memory) if self.kind != "none" else None
        return (hs, cs, hs[0].new_zeros(hs[0].shape)), keys

    def step(self, projected, state, keys, memory, mask):
        """projected [B, 4H] = input(embedding of the last token) -> h~ [B, H], state, weights"""
        hs, cs, attentional = state
        context = weights = None
        fed = [attentional] if self.input_feeding else []
        if self.kind == "bahdanau":
            context, weights = self.attention(hs[-1], keys, memory, mask)
            fed.append(context)
        new_hs, new_cs = [], []
        for l, (h, c, cell) in enumerate(zip(hs, cs, self.cells)):
            if l == 0:
                stacked = torch.cat(fed + [h], 1) if fed else h
                if torch.is_grad_enabled() and projected.dtype == cell.weight.dtype:
                    gates = torch.addmm(projected, stacked, cell.weight.t())
                else:  # autocast remembers its copy of a weight, but not of a weight's transpose
                    gates = projected + cell(stacked)
            else:
                gates = cell(torch.cat([new_hs[-1], h], 1))
            i, f, g, o = gates.chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            new_hs.append(torch.sigmoid(o) * torch.tanh(c))
            new_cs.append(c)
        top = new_hs[-1]
        if self.kind.startswith("luong"):
            context, weights = self.attention(top, keys, memory, mask)
        attentional = torch.tanh(self.combine(top if context is None else torch.cat([context, top], 1)))
        return attentional, (new_hs, new_cs, attentional), weights

    def forward(self, inputs, memory, h, c, mask=None):
        """Teacher forcing: inputs [T, B] -> logits [T, B, V], weights per step"""
        state, keys = self.start(memory, h, c)
        attentionals, trace = [], []
        for projected in self.input(self.embedding(inputs)).unbind(0):
            attentional, state, weights = self.step(projected, state, keys, memory, mask)
            attentionals.append(attentional)
            trace.append(weights)
        return self.generator(torch.stack(attentionals)), trace


class Seq2Seq(nn.Module):
    def __init__(self, options):
        super().__init__()
        self.encoder = Encoder(options.vocabulary, options.embedding, options.hidden, options.layers)
        self.decoder = Decoder(options.vocabulary, options.embedding, options.hidden, options.hidden, options.layers,
                               options.attention)

    def forward(self, source, inputs):
        """All sources are as long as the tensor here, so there is nothing to mask."""
        return self.decoder(inputs, *self.encoder(source))[0]


def random_tokens(options, length):
    """[length, B]; the last of each column is EOS"""
    tokens = torch.randint(FIRST_WORD, options.vocabulary, (length, options.batch))
    tokens[-1] = EOS
    return tokens


def peak_memory_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def train(options):
    model = Seq2Seq(options)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(parameters, fused=not IS_OLD)
    if options.compile:
        model.decoder.step = torch.compile(model.decoder.step, dynamic=False)
    criterion = nn.CrossEntropyLoss()  # the mean over all labels, as none is padding
    times, loss = [], None
    for _ in range(WARM_UP + options.updates):
        source = random_tokens(options, options.source_length)
        labels = random_tokens(options, options.target_length)
        inputs = torch.cat([torch.full_like(labels[:1], BOS), labels[:-1]])
        started = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bfloat16"):
            logits = model(source, inputs)
        loss = criterion(logits.flatten(0, 1).float(), labels.flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        times.append(time.perf_counter() - started)
    median = statistics.median(times[WARM_UP:])
    return {"target_tokens_per_second": options.batch * options.target_length / median,
            "milliseconds_per_update": median * 1e3,
            "milliseconds_per_update_min": min(times[WARM_UP:]) * 1e3,
            "parameters": sum(p.numel() for p in parameters),
            "final_loss": loss.item()}


def greedy(model, source, length):
    decoder = model.decoder
    memory, h, c = model.encoder(source)
    state, keys = decoder.start(memory, h, c)
    token, tokens = torch.full_like(source[0], BOS), []
    for _ in range(length):
        projected = decoder.input(decoder.embedding(token))
        attentional, state, _ = decoder.step(projected, state, keys, memory, None)
        token = decoder.generator(attentional).argmax(1)
        tokens.append(token)
    return torch.stack(tokens, 1).tolist()


def beam_search(model, source, length, beam):
    """Every hypothesis is `length` long: no EOS, no length penalty."""
    decoder, batch = model.decoder, source.shape[1]
    memory, h, c = model.encoder(source)
    (hs, cs, attentional), keys = decoder.start(memory, h, c)
    widen = lambda x, dim: None if x is None else x.repeat_interleave(beam, dim)
    memory, keys = widen(memory, 1), widen(keys, 1)
    state = [widen(x, 0) for x in hs], [widen(x, 0) for x in cs], widen(attentional, 0)
    token = torch.full((batch * beam,), BOS)
    scores = torch.full((batch, beam), -math.inf)
    scores[:, 0] = 0  # at first all hypotheses of a sentence are the same one
    first_row = torch.arange(batch).unsqueeze(1) * beam
    tokens = torch.empty(batch * beam, 0, dtype=torch.long)
    for _ in range(length):
        projected = decoder.input(decoder.embedding(token))
        attentional, (hs, cs, _), _ = decoder.step(projected, state, keys, memory, None)
        log_p = torch.log_softmax(decoder.generator(attentional).float(), 1)
        best, token = log_p.topk(beam, 1)  # no more than `beam` of a row can survive
        scores, chosen = (scores.view(-1, 1) + best).view(batch, -1).topk(beam, 1)
        rows = (first_row + chosen // beam).flatten()
        token = token.view(batch, -1).gather(1, chosen).flatten()
        state = [x[rows] for x in hs], [x[rows] for x in cs], attentional[rows]
        tokens = torch.cat([tokens[rows], token.unsqueeze(1)], 1)
    return tokens.view(batch, beam, -1)[:, 0].tolist()


def translating_model(options):
    model = Seq2Seq(options).eval()
    if options.precision == "bfloat16":
        return model.bfloat16()  # autocast would copy every weight again at every step, as it caches only for training
    if options.precision == "int8":
        return torch.ao.quantization.quantize_dynamic(model, {nn.Linear, nn.LSTM}, dtype=torch.qint8)
    return model


def load_milliseconds(model, options):
    """From a file to a model ready to translate."""
    with tempfile.NamedTemporaryFile() as file:
        torch.save(model.state_dict(), file.name)
        started = time.perf_counter()
        translating_model(options).load_state_dict(torch.load(file.name, weights_only=False))
        return (time.perf_counter() - started) * 1e3


def translate(options):
    model = translating_model(options)
    load = load_milliseconds(model, options)
    times = []
    batches = math.ceil(options.sentences / options.batch)
    with torch.inference_mode():
        for _ in range(WARM_UP + batches):
            source = random_tokens(options, options.source_length)
            started = time.perf_counter()
            if options.beam == 1:
                greedy(model, source, options.target_length)
            else:
                beam_search(model, source, options.target_length, options.beam)
            times.append((time.perf_counter() - started) / options.batch)
    times = sorted(times[WARM_UP:])
    mean = statistics.fmean(times)
    return {"sentences_per_second": 1 / mean,
            "target_tokens_per_second": options.target_length / mean,
            "milliseconds_per_sentence": statistics.median(times) * 1e3,
            "milliseconds_per_sentence_p99": times[math.ceil(0.99 * len(times)) - 1] * 1e3,
            "load_milliseconds": load,
            "import_milliseconds": IMPORT_MILLISECONDS}


def parse(arguments):
    parser = argparse.ArgumentParser(prog="bench/pytorch/run", description=__doc__.split("\n\n")[0])
    parser.add_argument("--version", action="version", version=f"PyTorch {torch.__version__} from {ORIGIN}")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, batch in (("train", 64), ("translate", 1)):
        command = commands.add_parser(name, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
        for size, default in (("vocabulary", 8000), ("embedding", 512), ("hidden", 512), ("layers", 2), ("batch", batch),
                              ("source-length", 26), ("target-length", 26), ("threads", 2 if name == "train" else 1)):
            command.add_argument(f"--{size}", type=int, default=default, help=" ")
        command.add_argument("--attention", choices=ATTENTIONS, default="luong-general", help=" ")
        precisions = ["float32", "bfloat16"] + ["int8"] * (name == "translate")
        command.add_argument("--precision", choices=precisions, default="float32", help=" ")
        command.add_argument("--seed", type=int, default=1, help=" ")
        if name == "train":
            command.add_argument("--updates", type=int, default=20, help="timed, after 3 that are not")
            command.add_argument("--compile", action="store_true", help="torch.compile of the decoder's step")
        else:
            command.add_argument("--beam", type=int, default=1, help="1 is greedy")
            command.add_argument("--sentences", type=int, default=50, help="timed, after 3 batches that are not")
    return parser.parse_args(arguments)


def main():
    options = parse(sys.argv[1:])
    warnings.simplefilter("ignore")  # of what will be removed in later releases
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(options.seed)
    result = train(options) if options.command == "train" else translate(options)
    print(json.dumps({"engine": f"pytorch {torch.__version__}", "origin": ORIGIN, **vars(options), **result,
                      "peak_memory_bytes": peak_memory_bytes()}))


if __name__ == "__main__":
    main()
