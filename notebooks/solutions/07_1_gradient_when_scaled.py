def gradient_when_scaled(dW, c):
    return dW / c
