def backward_pass(dy, z, gamma, eps):
    m, std = len(z), np.sqrt(z.var(axis=0) + eps)
    z_norm = (z - z.mean(axis=0)) / std
    dgamma, dbeta = (dy * z_norm).sum(axis=0), dy.sum(axis=0)
    return gamma / std * (dy - dbeta / m - z_norm * dgamma / m), dgamma, dbeta
