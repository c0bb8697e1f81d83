def grown_lengths(W, dW, lr, wd):
    shortened = (1 - lr * wd) ** 2 * (W**2).sum(axis=0)
    return np.sqrt(shortened + lr**2 * (dW**2).sum(axis=0))
