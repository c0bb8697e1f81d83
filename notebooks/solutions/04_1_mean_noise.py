def mean_noise(z, m):
    N = len(z)
    return z.std(axis=0) / np.sqrt(m) * np.sqrt((N - m) / (N - 1))
