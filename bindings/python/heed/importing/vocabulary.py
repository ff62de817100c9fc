"""Vocabularies in Heed's order: <unk>, <s> and </s> first, whatever ids they had."""

import numpy as np

from .errors import ImportFailure

SPECIALS = ("<unk>", "<s>", "</s>")
ABSENT = -1  # a special that the toolkit does not have
IMPOSSIBLE = -1e4  # the bias of a token that the toolkit never writes


def escaped(token):
    """A word as the tokenizer `spaces` writes it (src/text/escapes.cpp)."""
    rest = token
    while rest.startswith("&#38;"):
        rest = rest[5:]
    if token in SPECIALS:
        return "&#60;" + token[1:]
    return "&#38;" + token if "<" + rest[5:] in SPECIALS and rest.startswith("&#60;") else token


class Vocabulary:
    """A toolkit's tokens in Heed's order, and how its tables get the same order."""

    def __init__(self, path, tokens, unknown, begin, end, escape=escaped):
        """`path`: the file that has them. `unknown`, `begin` and `end` are the ids of the toolkit's own, or None."""
        specials = [ABSENT if each is None else each for each in (unknown, begin, end)]
        if any(each != ABSENT and not 0 <= each < len(tokens) for each in specials):
            raise ImportFailure(f"{path}: a special token is no part of the vocabulary")
        rest = [i for i in range(len(tokens)) if i not in specials]
        self.path = path
        self.order = np.array(specials + rest)
        taken = set(SPECIALS)
        self.tokens = list(SPECIALS) + [unique(readable(escape(tokens[i]), i), i, taken) for i in rest]

    def __len__(self):
        return len(self.tokens)

    def rows(self, table, absent=0.0):
        """[the toolkit's tokens, ...] in Heed's order."""
        count = np.count_nonzero(self.order != ABSENT)
        if len(table) != count:
            raise ImportFailure(f"{self.path}: has {count} tokens, but a table of the model {len(table)} rows")
        out = np.array(table[self.order], np.float32)
        out[self.order == ABSENT] = absent
        return out

    def bias(self, values):
        return self.rows(values, IMPOSSIBLE)


def readable(token, number):
    """Tokens that cannot stand in a line still have their part of the softmax, and their line."""
    bad = not token or any(c in "\r\n" or "\ud800" <= c <= "\udfff" for c in token)
    return f"<token:{number}>" if bad else token


def unique(token, number, taken):
    while token in taken:
        token = f"<token:{number}>" if not token.startswith("<token:") else token + "'"
    taken.add(token)
    return token
