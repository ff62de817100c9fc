"""How long an update of one training by several processes takes: docs/scale.md, "What to expect of more machines"."""

from dataclasses import dataclass

SQUARES = 8 / (4 * 2048)  # of the dense gradients: a sum of squares for each 2048 of them goes with the sums
EAGER = 65536  # bytes: a longer message of OpenMPI over TCP waits until its receiver has answered


@dataclass
class Work:
    """What one process measures of an update, and what all have to exchange for it."""

    fixed: float  # seconds, whatever the number of sentences: the optimizer, the packing of weights
    per_sentence: float  # seconds
    dense: float  # bytes of the gradients but for those of embeddings
    rows: float  # bytes of the rows of embeddings that `rows_of` sentences have
    rows_of: float
    bend: float = 0.8  # rows grow with the power of the sentences: words come back

    @staticmethod
    def measured(times, dense, rows, rows_of):
        """`times`: seconds by sentences, of one number of these or of two."""
        (small, first), *more = sorted(times.items())
        if not more:
            return Work(0.0, first / small, dense, rows, rows_of)
        large, second = more[-1]
        slope = max((second - first) / (large - small), 0.0)
        return Work(max(first - slope * small, 0.0), slope, dense, rows, rows_of)

    def compute(self, sentences):
        return self.fixed + self.per_sentence * sentences

    def rows_in(self, sentences):
        return self.rows * (sentences / self.rows_of) ** self.bend


@dataclass
class Network:
    rate: float  # bits a second of a process's link, in each direction
    latency: float  # seconds from one process to another
    host: float = 10e9  # bits a second that a processor gets through TCP in both directions at once
    goodput: float = 1448 / 1538  # of the rate: what Ethernet, IP and TCP leave of a frame
    message: float = 20e-6  # seconds of a processor for each message
    memory: float = 5e9  # bytes a second that are summed and copied


def sent(work, processes, sentences):
    """Bytes that each process sends in an update of which it has so many sentences: of the dense gradients the parts of
    the others, then its own part's sum to all (a reduce-scatter and an allgather); and its rows to all."""
    others = processes - 1
    return others / processes * (2 + SQUARES) * work.dense + others * work.rows_in(sentences)


def exchange(work, network, processes, sentences):
    """Seconds of it: numbers of all (one message to each), gradients, sums."""
    if processes == 1:
        return 0.0
    others = processes - 1
    steps = 1  # of one way each
    for piece in (work.dense / processes + work.rows_in(sentences), work.dense / processes):
        steps += 3 if piece > EAGER else 1
    bits = 8 * sent(work, processes, sentences)
    touched = 2 * work.dense + processes * work.rows_in(sentences)
    return (bits / min(network.rate * network.goodput, network.host) + steps * network.latency + 3 * others * network.message
            + touched / network.memory)


def update(work, network, processes, sentences):
    """Seconds of an update, of which each process has so many sentences."""
    return work.compute(sentences) + exchange(work, network, processes, sentences)
