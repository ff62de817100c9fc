"""Random numbers of scripts/make-golden: numpy's RandomState, whose stream is frozen for good."""
import zlib

import numpy as np
import torch


class Draw:
    def __init__(self, name):
        self.state = np.random.RandomState(zlib.crc32(name.encode()))

    def normal(self, *shape, scale=1.0):
        """float64 values that float32 holds exactly. A smaller scale makes all attention uniform, which tests little."""
        rounded = (self.state.standard_normal(shape) * scale).astype(np.float32)
        return torch.from_numpy(rounded.astype(np.float64)).requires_grad_()

    def integers(self, low, high, *shape):
        return torch.from_numpy(self.state.randint(low, high, shape).astype(np.int64))
