def equilibrium(lr, wd, G):
    length = (lr * G / (2 * wd)) ** 0.25
    return length, np.sqrt(2 * lr * wd)
