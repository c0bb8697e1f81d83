def normalize_layer(a, W, eps):
    z = a @ W
    mean = z.mean(axis=0)
    var = z.var(axis=0)
    return (z - mean) / np.sqrt(var + eps)
