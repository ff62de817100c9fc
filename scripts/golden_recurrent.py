"""Attention that depends on the previous step, for scripts/make-golden: one
sentence and one step at a time, one equation a line.

A kind is what its papers say, in their letters: query s [Hd], memory h [S, He],
p the parameters without the prefix "attention.", `before` what the previous step
has left ({} at the first step). attend() gives context, weights, and what it
leaves.
"""
import torch

FILTERS, FILTER_WIDTH, CHUNK = 3, 5, 2
KINDS = ["location-sensitive", "coverage", "coverage-fertility", "coverage-neural", "monotonic-soft",
         "monotonic-chunkwise"]


def entry_of(kind):
    """Where the context enters, as golden_model.py names it."""
    return "cell-input" if kind in KINDS and kind != "coverage" else "output"


def zeros(*shape):
    return torch.zeros(shape, dtype=torch.float64)


def options():
    """What the config has to say, all strings."""
    return {"filters": FILTERS, "filter_width": FILTER_WIDTH, "chunk": CHUNK}


def parameter_shapes(kind, He, Hd):
    A, F = Hd, FILTERS
    shapes = {"query": (Hd, A), "key": (He, A), "bias": (A,), "v": (A,)}
    if kind == "location-sensitive":
        shapes |= {"filters": (FILTER_WIDTH, F), "location": (F, A)}
    if kind in ("coverage", "coverage-fertility"):
        shapes |= {"coverage": (A,)}
    if kind == "coverage-fertility":
        shapes |= {"fertility": (He, 1)}
    if kind == "coverage-neural":
        shapes |= {"coverage": (F, A), "update.key": (He, 3 * F), "update.bias": (3 * F,), "update.query": (Hd, 3 * F),
                   "update.weight": (3 * F,), "update.recurrent": (F, 3 * F)}
    if kind.startswith("monotonic"):
        shapes |= {"scale": (1,), "offset": (1,)}
    if kind == "monotonic-chunkwise":
        shapes |= {f"chunk.{name}": shapes[name] for name in ("query", "key", "bias", "v")}
    return shapes


def attend(kind, p, s, h, before, normalize):
    """`normalize` makes weights of scores, where a kind has scores of its own."""
    alpha, left = {"location-sensitive": location_sensitive, "coverage": coverage, "coverage-fertility": coverage,
                   "coverage-neural": coverage_neural, "monotonic-soft": monotonic,
                   "monotonic-chunkwise": monotonic}[kind](p, s, h, before, normalize)
    return alpha @ h, alpha, left


def additive(p, s, h_j, more=0.0):
    return torch.tanh(s @ p["query"] + h_j @ p["key"] + more + p["bias"])


def location_sensitive(p, s, h, before, normalize):
    """Chorowski et al. 2015, equations 5-9."""
    alpha = before.get("alpha", zeros(len(h)))
    half = (FILTER_WIDTH - 1) // 2
    e = []
    for j in range(len(h)):
        seen = [alpha[j + k - half] if 0 <= j + k - half < len(h) else zeros() for k in range(FILTER_WIDTH)]
        f_j = torch.stack(seen) @ p["filters"]                            # f = F * alpha'
        e.append(additive(p, s, h[j], f_j @ p["location"]) @ p["v"])      # w . tanh(W s + V h + U f + b)
    alpha = normalize(torch.stack(e))
    return alpha, {"alpha": alpha}


def coverage(p, s, h, before, normalize):
    """See et al. 2017, equations 10-11; with a fertility Tu et al. 2016, equations 9-10."""
    c = before.get("coverage", zeros(len(h)))
    e = torch.stack([additive(p, s, h[j], c[j] * p["coverage"]) @ p["v"] for j in range(len(h))])
    alpha = normalize(e)
    phi = 2 * torch.sigmoid(h @ p["fertility"])[:, 0] if "fertility" in p else torch.ones(len(h), dtype=torch.float64)
    return alpha, {"coverage": c + alpha / phi}


def coverage_neural(p, s, h, before, normalize):
    """Tu et al. 2016, equations 6 and 8; the gates of Cho et al. 2014."""
    C = before.get("coverage", zeros(len(h), FILTERS))
    e = torch.stack([additive(p, s, h[j], C[j] @ p["coverage"]) @ p["v"] for j in range(len(h))])
    alpha = normalize(e)
    U_z, U_r, U_n = p["update.recurrent"].chunk(3, 1)
    now = []
    for j in range(len(h)):
        x = h[j] @ p["update.key"] + s @ p["update.query"] + alpha[j] * p["update.weight"] + p["update.bias"]
        x_z, x_r, x_n = x.chunk(3)
        z = torch.sigmoid(x_z + C[j] @ U_z)
        r = torch.sigmoid(x_r + C[j] @ U_r)
        n = torch.tanh(x_n + (r * C[j]) @ U_n)
        now.append((1 - z) * C[j] + z * n)
    return alpha, {"coverage": torch.stack(now)}


def monotonic(p, s, h, before, normalize):
    """Raffel et al. 2017, equations 8 and 16, by the definition: every way from where the previous step stopped.
    In chunks Chiu and Raffel 2018, equation 11."""
    S = len(h)
    v = p["scale"] * p["v"] / p["v"].norm()
    choice = [torch.sigmoid(additive(p, s, h[j]) @ v + p["offset"][0]) for j in range(S)]
    stopped = before.get("alpha", torch.eye(S, dtype=torch.float64)[0])
    alpha = []
    for j in range(S):
        reached = zeros()
        for k in range(j + 1):
            passed = torch.ones((), dtype=torch.float64)
            for l in range(k, j):
                passed = passed * (1 - choice[l])
            reached = reached + stopped[k] * passed
        alpha.append(choice[j] * reached)
    alpha = torch.stack(alpha)
    if "chunk.query" not in p:
        return alpha, {"alpha": alpha}
    chunk = {name[6:]: value for name, value in p.items() if name.startswith("chunk.")}
    u = torch.stack([additive(chunk, s, h[j]) @ chunk["v"] for j in range(S)])
    beta = [zeros() for _ in range(S)]
    for k in range(S):
        first = max(0, k - CHUNK + 1)
        share = torch.softmax(u[first:k + 1], 0)
        for j in range(first, k + 1):
            beta[j] = beta[j] + alpha[k] * share[j - first]
    return torch.stack(beta), {"alpha": alpha}
