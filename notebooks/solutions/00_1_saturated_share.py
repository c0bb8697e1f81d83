def saturated_share(a):
    return np.mean((a < 0.05) | (a > 0.95))
