"""Golden file of the optimizers, for scripts/make-golden: torch.optim's own steps, in float64.

Each case has its constants as heed's config names them, and what PyTorch calls it. A matrix [4, 5] decays, a vector [1, 3]
does not. Gradients are given, and are the same for each case; the rate falls from step to step.
"""
import torch

STEPS = 6
RATES = [0.1 / (1 + step) for step in range(STEPS)]

# name: heed's kind and constants, PyTorch's class and constants
CASES = {
    "sgd": (dict(kind="sgd"), torch.optim.SGD, {}),
    "sgd-decay": (dict(kind="sgd", weight_decay=0.1), torch.optim.SGD, {}),
    "momentum": (dict(kind="momentum", momentum=0.8), torch.optim.SGD, dict(momentum=0.8)),
    "nesterov": (dict(kind="nesterov", weight_decay=0.05), torch.optim.SGD, dict(momentum=0.9, nesterov=True)),
    "adam": (dict(kind="adam", betas=[0.8, 0.99], epsilon=1e-3), torch.optim.Adam, dict(betas=(0.8, 0.99), eps=1e-3)),
    "adam-decay": (dict(kind="adam", weight_decay=0.1), torch.optim.Adam, dict(eps=1e-8)),
    "adamw": (dict(kind="adamw", weight_decay=0.1), torch.optim.AdamW, dict(eps=1e-8)),
    "adagrad": (dict(kind="adagrad", initial_accumulator=0.1), torch.optim.Adagrad, dict(initial_accumulator_value=0.1)),
    "adagrad-decay": (dict(kind="adagrad", weight_decay=0.1), torch.optim.Adagrad, dict(eps=1e-10)),
    "adadelta": (dict(kind="adadelta", weight_decay=0.1), torch.optim.Adadelta, dict(rho=0.95, eps=1e-6)),
    "adadelta-rho": (dict(kind="adadelta", rho=0.8, epsilon=1e-2), torch.optim.Adadelta, dict(rho=0.8, eps=1e-2)),
    "rmsprop": (dict(kind="rmsprop", weight_decay=0.1), torch.optim.RMSprop, dict(alpha=0.99, eps=1e-8)),
    "rmsprop-rho": (dict(kind="rmsprop", rho=0.7, epsilon=1e-2), torch.optim.RMSprop, dict(alpha=0.7, eps=1e-2)),
}


def optimizers(draw):
    """-> arrays of the file: "matrix", "vector", "gradient.STEP.matrix" and so on, and "CASE.matrix", "CASE.vector"."""
    arrays = {"matrix": draw.normal(4, 5), "vector": draw.normal(1, 3), "rates": torch.tensor(RATES, dtype=torch.float64)}
    for step in range(STEPS):
        arrays[f"gradient.{step}.matrix"] = draw.normal(4, 5)
        arrays[f"gradient.{step}.vector"] = draw.normal(1, 3)
    for name, (ours, kind, theirs) in CASES.items():
        matrix, vector = (torch.nn.Parameter(arrays[what].detach().clone()) for what in ("matrix", "vector"))
        groups = [dict(params=[matrix], weight_decay=ours.get("weight_decay", 0)), dict(params=[vector], weight_decay=0)]
        optimizer = kind(groups, lr=RATES[0], **theirs)
        for step, rate in enumerate(RATES):
            for group in optimizer.param_groups:
                group["lr"] = rate
            matrix.grad, vector.grad = (
                arrays[f"gradient.{step}.{what}"].detach().clone() for what in ("matrix", "vector"))
            optimizer.step()
        arrays[f"{name}.matrix"], arrays[f"{name}.vector"] = matrix.detach(), vector.detach()
    return arrays


def metadata():
    """What heed's options are in each case: "CASE": "key=value key=value"."""
    return {name: " ".join(f"{key}={value}".replace(" ", "") for key, value in ours.items())
            for name, (ours, _, _) in CASES.items()}
