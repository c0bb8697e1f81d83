def growth_factor(g, slope, u, gamma):
    return gamma**2 * np.mean(slope(gamma * u) ** 2) / np.var(g(gamma * u))
