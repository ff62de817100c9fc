"""transformer.py train | translate - a small Transformer: PyTorch trains it for so many seconds of a processor, CTranslate2 translates in int8.

As the field does it: layer norms before each part, sinusoidal positions, joint BPE with one table of embeddings, or letters and phones with a
table each, label smoothing, warm-up, averaged weights; the weights with the best loss on the dev part are kept. Run with the Python of
`bench/environment transformer`.
"""
import argparse
import copy
import hashlib
import json
import math
import pathlib
import random
import sys
import time

BEGIN, END = "<s>", "</s>"
SPECIALS = ["<unk>", BEGIN, END]
TOKENS = ("pieces.model", "letters.json")  # of which a model has one


def lines_of(path):
    return path.read_text(encoding="utf-8").splitlines()


# ---- text as tokens --------------------------------------------------------------------------------------------------


class Pieces:
    """Joint BPE of both sides."""

    def __init__(self, model):
        import sentencepiece
        self.processor = sentencepiece.SentencePieceProcessor(model_file=str(model))
        self.source = self.target = [self.processor.id_to_piece(i) for i in range(self.processor.get_piece_size())]

    @classmethod
    def learned(cls, files, count, folder):
        import sentencepiece
        sentencepiece.SentencePieceTrainer.train(
            input=[str(file) for file in files], model_prefix=str(folder / "pieces"), vocab_size=count, model_type="bpe", character_coverage=1.0,
            normalization_rule_name="identity", unk_id=0, bos_id=1, eos_id=2, num_threads=1, minloglevel=2)
        return cls(folder / "pieces.model")

    def encode(self, line, sampling=0):
        return self.processor.encode(line, out_type=str, enable_sampling=True, alpha=sampling, nbest_size=-1) if sampling else self.processor.encode(line, out_type=str)

    encode_target = encode

    def decode(self, tokens):
        return self.processor.decode(tokens)


class Letters:
    """Letters of a word, phones between blanks."""

    def __init__(self, file):
        self.source, self.target = json.loads(file.read_text(encoding="utf-8"))

    @classmethod
    def learned(cls, files, _, folder):
        source, target = files
        tokens = [SPECIALS + sorted(set(source.read_text(encoding="utf-8")) - {"\n"}), SPECIALS + sorted(set(target.read_text(encoding="utf-8").split()))]
        (folder / "letters.json").write_text(json.dumps(tokens), encoding="utf-8")
        return cls(folder / "letters.json")

    def encode(self, line, _=0):
        return list(line)

    def encode_target(self, line, _=0):
        return line.split()

    def decode(self, tokens):
        return " ".join(tokens)


def tokenizer_in(folder):
    pieces, letters = (folder / name for name in TOKENS)
    return Pieces(pieces) if pieces.exists() else Letters(letters)


# ---- the model -------------------------------------------------------------------------------------------------------


def model_of(shape, sizes):
    """sizes: of the source's and the target's vocabulary; the same one if they are one."""
    import torch
    from torch import nn
    from torch.nn import functional

    width, heads, dropout = shape["width"], shape["heads"], shape["dropout"]

    class Attention(nn.Module):
        def __init__(self, crosses):
            super().__init__()
            self.norm = nn.LayerNorm(width)
            self.maps = nn.ModuleList(nn.Linear(width, n * width) for n in ((1, 2, 1) if crosses else (3, 1)))

        def forward(self, x, memory=None, mask=None, causal=False):
            normed = self.norm(x)
            inputs = self.maps[0](normed).chunk(3, -1) if memory is None else (self.maps[0](normed), *self.maps[1](memory).chunk(2, -1))
            query, key, value = (each.unflatten(-1, (heads, -1)).transpose(1, 2) for each in inputs)
            mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=causal)
            return x + functional.dropout(self.maps[-1](mixed.transpose(1, 2).flatten(2)), dropout, self.training)

    class Inner(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.maps = nn.LayerNorm(width), nn.ModuleList((nn.Linear(width, shape["inner"]), nn.Linear(shape["inner"], width)))

        def forward(self, x):
            hidden = functional.dropout(functional.relu(self.maps[0](self.norm(x))), dropout, self.training)
            return x + functional.dropout(self.maps[1](hidden), dropout, self.training)

    class Transformer(nn.Module):
        def __init__(self):
            super().__init__()
            self.source = nn.Embedding(sizes[0], width)
            self.target = self.source if shape["joint"] else nn.Embedding(sizes[1], width)
            self.encoder = nn.ModuleList(nn.ModuleList((Attention(False), Inner())) for _ in range(shape["layers"][0]))
            self.decoder = nn.ModuleList(nn.ModuleList((Attention(False), Attention(True), Inner())) for _ in range(shape["layers"][1]))
            self.norms = nn.ModuleList((nn.LayerNorm(width), nn.LayerNorm(width)))
            self.bias = nn.Parameter(torch.zeros(sizes[1]))
            self.register_buffer("positions", positions(shape["longest"]), persistent=False)
            for name, weight in self.named_parameters():
                if weight.dim() == 2 and "maps" in name:
                    nn.init.xavier_uniform_(weight)
                elif weight.dim() == 2:
                    nn.init.normal_(weight, std=width ** -0.5)

        def embed(self, table, ids):
            return functional.dropout(table(ids) * width ** 0.5 + self.positions[:ids.size(1)], dropout, self.training)

        def forward(self, source, present, target):
            """present: where the source has tokens. What the output layer reads at each place of the target."""
            mask, x = present[:, None, None, :], self.embed(self.source, source)
            for attention, inner in self.encoder:
                x = inner(attention(x, mask=mask))
            memory, y = self.norms[0](x), self.embed(self.target, target)
            for itself, attention, inner in self.decoder:
                y = inner(attention(itself(y, causal=True), memory, mask))
            return self.norms[1](y)

        def scores(self, rows):
            return functional.linear(rows, self.target.weight, self.bias)

    def positions(count):
        """As CTranslate2 has them where a model brings none of its own, and OpenNMT-tf."""
        half = width // 2
        at = torch.arange(1, count + 1)[:, None] * torch.exp(torch.arange(half) * (-math.log(10000) / (half - 1)))
        return torch.cat([at.sin(), at.cos()], 1)

    return Transformer()


def save_for_translation(model, shape, tokens, folder):
    """int8, for CTranslate2."""
    import ctranslate2
    from ctranslate2.specs import TransformerSpec

    spec = TransformerSpec.from_config(tuple(shape["layers"]), shape["heads"])
    array = lambda weight: weight.detach().float().numpy().copy()  # noqa: E731 - what it is given is changed in place

    def norm(to, of):
        to.gamma, to.beta = array(of.weight), array(of.bias)

    def linear(to, of):
        to.weight, to.bias = array(of.weight), array(of.bias)

    def attention(to, of):
        norm(to.layer_norm, of.norm)
        for ours, theirs in zip(to.linear, of.maps, strict=True):
            linear(ours, theirs)

    def inner(to, of):
        norm(to.layer_norm, of.norm)
        linear(to.linear_0, of.maps[0])
        linear(to.linear_1, of.maps[1])

    spec.encoder.embeddings[0].weight, spec.decoder.embeddings.weight = array(model.source.weight), array(model.target.weight)
    spec.decoder.projection.weight, spec.decoder.projection.bias = array(model.target.weight), array(model.bias)
    for side, its_norm in zip((spec.encoder, spec.decoder), model.norms):
        norm(side.layer_norm, its_norm)
    for to, (itself, ffn) in zip(spec.encoder.layer, model.encoder):
        attention(to.self_attention, itself)
        inner(to.ffn, ffn)
    for to, (itself, cross, ffn) in zip(spec.decoder.layer, model.decoder):
        attention(to.self_attention, itself)
        attention(to.attention, cross)
        inner(to.ffn, ffn)
    spec.register_source_vocabulary(tokens.source)
    spec.register_target_vocabulary(tokens.target)
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    return ctranslate2.__version__


# ---- training --------------------------------------------------------------------------------------------------------


def numbers(tokens, pairs, sampling=0):
    """The ids of pairs of lines, the end marked on both sides."""
    ids = [{token: i for i, token in enumerate(side)} for side in (tokens.source, tokens.target)]
    encode = (tokens.encode, tokens.encode_target)
    return [tuple([known.get(token, 0) for token in cut(line, sampling)] + [known[END]] for known, cut, line in zip(ids, encode, pair)) for pair in pairs]


def batches(examples, most, order):
    """Pairs of similar lengths, `most` tokens of a side with what fills it up, in a random order."""
    out, batch, longest = [], [], 0
    for pair in sorted(examples, key=lambda pair: (len(pair[1]), len(pair[0]), order.random())):
        longest = max(longest, *map(len, pair))
        if batch and (len(batch) + 1) * longest > most:
            out.append(batch)
            batch, longest = [], max(map(len, pair))
        batch.append(pair)
    out.append(batch)
    order.shuffle(out)
    return out


def made_of_what(options, shape):
    """What a training can go on from: one of another shape, text or time begins anew."""
    texts = [options.source, options.target, options.dev_source, options.dev_target]
    return json.dumps([shape, options.seed, options.seconds, *(hashlib.sha256(file.read_bytes()).hexdigest() for file in texts)])


def train(options):
    import torch
    from torch.nn import functional

    begun = time.process_time()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(options.seed)
    shape, order, work = json.loads(options.shape.read_text(encoding="utf-8")), random.Random(options.seed), options.work
    for change in options.set:
        key, value = change.split("=", 1)
        shape[key] = json.loads(value)
    work.mkdir(parents=True, exist_ok=True)
    joint = shape["joint"] = bool(shape["pieces"])
    state_file, kind, made_of = work / "state.pt", Pieces if joint else Letters, made_of_what(options, shape)
    saved = torch.load(state_file, weights_only=True) if state_file.exists() else {}
    if saved.get("made_of") != made_of:
        saved = {}
        for name in ("state.pt", "best.pt", *TOKENS):
            (work / name).unlink(missing_ok=True)
    tokens = tokenizer_in(work) if saved else kind.learned((options.source, options.target), shape["pieces"], work)
    pairs = list(zip(lines_of(options.source), lines_of(options.target), strict=True))
    dev = batches(numbers(tokens, zip(lines_of(options.dev_source), lines_of(options.dev_target), strict=True)), shape["tokens"], order)
    shape["longest"] = 1024
    model = model_of(shape, (len(tokens.source), len(tokens.target)))
    weights = list(model.parameters())
    averaged = copy.deepcopy(model)
    optimizer = torch.optim.Adam(weights, betas=(0.9, 0.98), eps=1e-9, fused=True)
    state = {"seconds": 0.0, "updates": 0, "epoch": 0, "best": math.inf, "kept": None}
    if saved:
        state = saved["state"]
        model.load_state_dict(saved["model"])
        averaged.load_state_dict(saved["averaged"])
        optimizer.load_state_dict(saved["optimizer"])
        order.seed(options.seed + state["updates"])
        begun = time.process_time() - state["seconds"]

    def spent():
        return time.process_time() - begun

    def loss_of(network, batch, smoothing):
        source, target = ([torch.tensor(ids) for ids in side] for side in zip(*batch))
        padded = torch.nn.utils.rnn.pad_sequence(source, batch_first=True)
        present = torch.arange(padded.size(1)) < torch.tensor([len(ids) for ids in source])[:, None]
        shifted = torch.nn.utils.rnn.pad_sequence([torch.cat([torch.tensor([1]), ids[:-1]]) for ids in target], batch_first=True)
        wanted = torch.nn.utils.rnn.pad_sequence(target, batch_first=True, padding_value=-1)
        there = wanted >= 0
        with torch.autocast("cpu", torch.bfloat16, enabled=shape["bfloat16"]):
            scores = network.scores(network(padded, present, shifted)[there])
        return functional.cross_entropy(scores.float(), wanted[there], label_smoothing=smoothing, reduction="sum"), int(there.sum())

    def validate():
        averaged.eval()
        with torch.no_grad():
            sums = [loss_of(averaged, batch, 0) for batch in dev]
        loss = sum(float(each) for each, _ in sums) / sum(count for _, count in sums)
        if loss < state["best"]:
            state["best"], state["kept"] = loss, state["updates"]
            torch.save(averaged.state_dict(), work / "best.pt")
        state["seconds"] = spent()
        part = state_file.with_suffix(".new")
        torch.save({"made_of": made_of, "state": state, "model": model.state_dict(), "averaged": averaged.state_dict(), "optimizer": optimizer.state_dict()}, part)
        part.rename(state_file)
        print(f"epoch {state['epoch']}  update {state['updates']}  {spent():.0f} of {options.seconds:.0f} s  dev perplexity {math.exp(min(loss, 20)):.3f}"
              f"{'  (best so far, kept)' if state['kept'] == state['updates'] else ''}", file=sys.stderr, flush=True)

    every, model_file, seen = options.seconds / shape["validations"], work / "best.pt", 0
    next_validation = spent() + every
    while spent() < options.seconds:
        state["epoch"] += 1
        for batch in batches(numbers(tokens, pairs, shape["sampling"]), shape["tokens"], order):
            share = spent() / options.seconds
            if share >= 1:
                break
            rate = shape["rate"] * min(share / shape["warm_up"], (1 - share) / (1 - shape["warm_up"]))
            for group in optimizer.param_groups:
                group["lr"] = rate
            model.train()
            loss, count = loss_of(model, batch, shape["smoothing"])
            optimizer.zero_grad()
            (loss / count).backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            state["updates"] += 1
            seen += count
            with torch.no_grad():
                kept = min(shape["average"], (1 + state["updates"]) / (10 + state["updates"]))
                torch._foreach_lerp_(list(averaged.parameters()), weights, 1 - kept)
            if spent() > next_validation:
                validate()
                next_validation = spent() + every
    validate()
    averaged.load_state_dict(torch.load(model_file, weights_only=True))
    version = save_for_translation(averaged.eval(), shape, tokens, options.output)
    for name in TOKENS:
        if (work / name).exists():
            (options.output / name).write_bytes((work / name).read_bytes())
    facts = {"parameters": sum(weight.numel() for weight in weights), "seconds": spent(), "updates": state["updates"], "epochs": state["epoch"],
             "dev_perplexity": math.exp(state["best"]), "words_per_second": seen / spent(), "torch": torch.__version__, "ctranslate2": version}
    (options.output / "facts.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


# ---- translation -----------------------------------------------------------------------------------------------------


def translate(options):
    import ctranslate2

    tokens = tokenizer_in(options.model)
    lines = lines_of(options.input)
    translator = ctranslate2.Translator(str(options.model), compute_type="int8", inter_threads=1, intra_threads=1)
    how = {"beam_size": options.beam, "max_batch_size": options.batch, "max_decoding_length": 250}

    def answers(texts):
        cut = [[*tokens.encode(text), END] for text in texts]
        return [tokens.decode(answer.hypotheses[0]) for answer in translator.translate_batch(cut, **how)]

    answers(lines[:20])  # what is only done once
    begun = time.perf_counter()
    groups = [[line] for line in lines] if options.batch == 1 else [lines]
    out = [answer for group in groups for answer in answers(group)]
    seconds = time.perf_counter() - begun
    if options.output:
        options.output.write_text("".join(line + "\n" for line in out), encoding="utf-8")
    print(json.dumps({"lines": len(lines), "seconds": seconds}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    training = commands.add_parser("train", help="train, and write the model for CTranslate2 into --output")
    for name in ("shape", "source", "target", "dev-source", "dev-target", "work", "output"):
        training.add_argument(f"--{name}", type=pathlib.Path, required=True)
    training.add_argument("--seconds", type=float, required=True, help="of a processor, with all but the start of Python")
    training.add_argument("--seed", type=int, default=1)
    training.add_argument("--set", action="append", default=[], metavar="KEY=JSON", help="instead of what --shape says")
    training.set_defaults(command=train)
    translation = commands.add_parser("translate", help="translate, and print the seconds that it took when the model was loaded")
    for name in ("model", "input", "output"):
        translation.add_argument(f"--{name}", type=pathlib.Path, required=name != "output")
    translation.add_argument("--beam", type=int, default=5)
    translation.add_argument("--batch", type=int, default=32)
    translation.set_defaults(command=translate)
    options = parser.parse_args()
    try:
        options.command(options)
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"transformer: {error}")


main()
