"""Lines of `heed translate --format jsonl --attention` for page_test.py, as plain dicts: several layers, a trace, copied
words, hostile text, an empty sentence, and two hundred more to search in."""

from checks import weights


def translation(text, tokens, columns, seed, **more):
    out = {"text": text, "tokens": tokens, "score": -0.1 * seed - 0.1, "log_probability": (-0.1 * seed - 0.1) * len(tokens)}
    if tokens:
        out["attention"] = weights(len(tokens), columns, seed)
    out.update(more)
    return out


def sentence(source, tokens, *translations, **more):
    return {"source": source, "source_tokens": tokens, "translations": list(translations), **more}


HOSTILE = '</script><img src=x onerror="window.hacked=1"><b>bold</b> & {{css}}'
HOSTILE_TARGET = "a\u001b[31mred \u0000 \u202eevil"


def sentences():
    black_cat = ["▁the", "▁bl", "ack", "▁cat", "</s>"]
    two_layers = {"attention_layers": [[weights(5, 5, 40 + 2 * layer + head) for head in range(2)] for layer in range(2)], "attention_names": ["hop one", "hop two"]}
    row = [weights(1, 5, seed)[0] for seed in range(3)]
    trace = [
        {"id": 0, "parent": -1, "token": "▁le", "log_probability": -0.2, "score": -0.2, "state": "kept", "attention": row[0]},
        {"id": 1, "parent": -1, "token": "▁la", "log_probability": -1.9, "score": -1.9, "state": "pruned", "attention": row[0]},
        {"id": 2, "parent": 0, "token": "▁chat", "log_probability": -0.5, "score": -0.25, "state": "kept", "attention": row[1]},
        {"id": 3, "parent": 2, "token": "</s>", "log_probability": -0.6, "score": -0.2, "state": "finished", "attention": row[2]},
        {"id": 4, "parent": 0, "token": "</s>", "log_probability": -3, "score": -1.5, "state": "finished", "attention": row[1]},
    ]
    yield sentence("the black cat", black_cat, translation("le chat noir", ["▁le", "▁chat", "▁no", "ir", "</s>"], 5, 1),
                   translation("un chat", ["▁un", "▁chat", "</s>"], 5, 2), trace=trace)
    yield sentence("the black cat", black_cat, translation("le chat", ["▁le", "▁ch", "at", "▁.", "</s>"], 5, 3, **two_layers))
    yield sentence(HOSTILE, HOSTILE.split() + ["</s>"], translation(HOSTILE_TARGET, HOSTILE_TARGET.split() + ["</s>"], len(HOSTILE.split()) + 1, 4))
    yield sentence("القط الأسود هنا", ["القط", "الأسود", "هنا", "</s>"], translation("the cat", ["the", "cat", "</s>"], 4, 5, copied=[1]))
    yield sentence("", [], translation("", [], 0, 0))
    for i in range(200):
        words = [f"word{i}"] * (i % 7 + 1)
        yield sentence(" ".join(words), words + ["</s>"], translation(f"mot{i}", [f"mot{i}", "</s>"], len(words) + 1, i % 9))
