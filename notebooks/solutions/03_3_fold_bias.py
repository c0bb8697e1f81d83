def fold_bias(b, mean, var, gamma, beta, eps):
    # γ (aW + b − μ) / √(σ² + ε) + β  =  γ (aW − μ) / √(σ² + ε)  +  (β + γ b / √(σ² + ε))
    return beta + gamma * b / np.sqrt(var + eps)
