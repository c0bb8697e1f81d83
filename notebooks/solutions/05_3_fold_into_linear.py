def fold_into_linear(W, gamma, beta, mean, var, eps):
    # γ (aW − μ) / √(σ² + ε) + β  =  a (W · scale)  +  (β − scale · μ)
    scale = gamma / np.sqrt(var + eps)
    return W * scale, beta - scale * mean
