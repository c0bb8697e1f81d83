"""Optimizers: from gradients to the next parameters. γ and β are updated just as W and b.

All follow PyTorch's conventions, step by step. In particular the velocity of Momentum is
v = β v + dW and the step is lr · v; in Andrew Ng's course it is v = β v + (1 − β) dW. Both take the
same path when the course's learning rate is larger by 1 / (1 − β): lr = 0.1 here, with β = 0.9, is
1.0 there.
"""

import numpy as np

from .validation import LARGEST, as_network, as_number


class Optimizer:
    """What all optimizers share: a learning rate, which may change between two steps, and state.

    The state (velocities, averages) belongs to the network of the first ``step``, and starts anew
    when layers are added to it or taken out.
    """

    stateful = True

    def __init__(self, lr):
        self.lr = lr
        self._network = None

    @property
    def lr(self):
        return self._lr

    @lr.setter
    def lr(self, value):
        self._lr = as_number(value, "lr", low=0.0)

    def step(self, network):
        """Move the parameters of ``network`` once, by the gradients its last backward left.

        Raises ValueError where this optimizer carries the state of another network.
        """
        if self._network is None or self._network is not network:
            as_network(network)
            if self.stateful and self._network is not None:
                name = type(self).__name__
                raise ValueError(f"this {name} has the state of another network; make a new one")
        params, grads = network._flat()
        if self._network is not network or self._work.size != params.size:
            self._network = network
            self._start(params)
        # A velocity would move frozen parameters, even where their gradient is 0.
        frozen = [layer.params for layer in network.layers if getattr(layer, "frozen", False)]
        before = [(value, value.copy()) for params in frozen for value in params.values()]
        self._step(params, grads)
        for value, was in before:
            value[...] = was

    def _start(self, params):
        self._work = np.empty_like(params)  # room for a product: large arrays are dear to make

    def __repr__(self):
        return f"{type(self).__name__}(lr={self.lr:g})"


class SGD(Optimizer):
    """W ← W − lr · dW."""

    stateful = False

    def _step(self, params, grads):
        params -= np.multiply(self._lr, grads, out=self._work)


class Momentum(Optimizer):
    """v ← β v + dW;  W ← W − lr · v.

    Source: Polyak (1964), in the form of ``torch.optim.SGD(momentum=beta)``.
    """

    def __init__(self, lr, beta=0.9):
        super().__init__(lr)
        self.beta = as_number(beta, "beta", low=0.0, high=1.0, open_high=True)

    def _start(self, params):
        super()._start(params)
        self._velocity = np.zeros_like(params)

    def _step(self, params, grads):
        self._velocity *= self.beta
        self._velocity += grads
        params -= np.multiply(self._lr, self._velocity, out=self._work)


class Nesterov(Momentum):
    """v ← β v + dW;  W ← W − lr · (dW + β v): the gradient looked up where v leads.

    Source: Sutskever et al. (2013), in the form of ``torch.optim.SGD(nesterov=True)``.
    """

    def _step(self, params, grads):
        self._velocity *= self.beta
        self._velocity += grads
        ahead = np.multiply(self.beta, self._velocity, out=self._work)
        ahead += grads
        ahead *= self._lr
        params -= ahead


class Adam(Optimizer):
    """m ← β₁ m + (1 − β₁) dW;  v ← β₂ v + (1 − β₂) dW²;  W ← W − lr · m̂ / (√v̂ + ε),
    with the bias corrections m̂ = m / (1 − β₁^t), v̂ = v / (1 − β₂^t).

    Source: Kingma and Ba (2015), algorithm 1.
    """

    def __init__(self, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lr)
        self.beta1 = as_number(beta1, "beta1", low=0.0, high=1.0, open_high=True)
        self.beta2 = as_number(beta2, "beta2", low=0.0, high=1.0, open_high=True)
        self.eps = as_number(eps, "eps", low=0.0, high=LARGEST)

    def _start(self, params):
        super()._start(params)
        self.steps = 0
        self._mean, self._square = np.zeros_like(params), np.zeros_like(params)

    def _step(self, params, grads):
        self.steps += 1
        mean, square, work = self._mean, self._square, self._work
        mean *= self.beta1
        mean += np.multiply(1 - self.beta1, grads, out=work)
        square *= self.beta2
        np.multiply(grads, grads, out=work)
        work *= 1 - self.beta2
        square += work
        # lr · m̂ / (√v̂ + ε), with the two corrections as numbers
        np.sqrt(square, out=work)
        work *= 1 / np.sqrt(1 - self.beta2**self.steps)
        work += self.eps
        np.divide(mean, work, out=work)
        work *= self._lr / (1 - self.beta1**self.steps)
        params -= work
