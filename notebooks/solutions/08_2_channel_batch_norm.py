def channel_batch_norm(z, gamma, beta, eps):
    mean = z.mean(axis=(0, 2, 3), keepdims=True)  # (1, C, 1, 1)
    var = z.var(axis=(0, 2, 3), keepdims=True)
    z_norm = (z - mean) / np.sqrt(var + eps)
    return gamma[:, None, None] * z_norm + beta[:, None, None]
