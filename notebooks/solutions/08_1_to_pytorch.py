def to_pytorch(momentum, epsilon, moving_variance, m):
    return 1 - momentum, epsilon, moving_variance * m / (m - 1)
