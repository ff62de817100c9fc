"""What the toolkits' decoders have in common: the configuration, attention's end, embeddings and the output layer."""

import numpy as np

LONGEST = 1000  # tokens of a line; the toolkits bound the training's lines alone


def configuration(model, tokenizer="spaces", lowercase=False, joint=False):
    def side():
        return {"tokenizer": tokenizer, "lowercase": lowercase, "max_length": LONGEST}

    return {"data": {"source": side(), "target": side(), "joint_vocabulary": joint}, "model": model}


def put_combination(out, weight, context_first, context, bias=None):
    """h~ = tanh([c; h] W + b), or of [h; c]. weight [context + hidden, out]."""
    first, second = np.split(weight, [context if context_first else len(weight) - context])
    out["output.context"], out["output.hidden"] = (first, second) if context_first else (second, first)
    out["output.bias"] = np.zeros(weight.shape[1], np.float32) if bias is None else bias


def put_tables(out, source, target, tables):
    """Embeddings and the output layer, of which Heed has one table where the toolkit has one. -> model.tied

    `tables`: source and target embeddings [V, E], the output layer [V, H], its bias or None, and the id (the toolkit's) whose
    embedding the decoder reads first, or None for a vector of 0.
    """
    read = target.rows(tables["target"])
    read[1] = 0 if tables["start"] is None else tables["target"][tables["start"]]
    written = target.rows(tables["output"])
    bias = np.zeros(len(tables["output"]), np.float32) if tables.get("bias") is None else tables["bias"]
    out["target.embedding"], out["generator.bias"] = read, target.bias(bias)
    looked_up = source.rows(tables["source"])
    tied = "none"
    if written.shape == read.shape and np.array_equal(written, read):
        same = source.tokens == target.tokens and np.array_equal(looked_up, read)
        tied = "all" if same else "target"
    if tied != "all":
        out["source.embedding"] = looked_up
    if tied == "none":
        out["generator.weight"] = written.T
    return tied


def embedding_widths(out):
    """The keys of the widths, which are given once where they are equal."""
    target = out["target.embedding"].shape[1]
    source = out.get("source.embedding", out["target.embedding"]).shape[1]
    return {"embedding": target} if source == target else {"source_embedding": source, "target_embedding": target}
