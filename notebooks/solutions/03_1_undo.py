def undo(z, eps):
    # z̃ = γ (z − μ) / √(σ² + ε) + β  is z  where γ takes the division back and β the subtraction
    gamma = np.sqrt(z.var(axis=0) + eps)
    beta = z.mean(axis=0)
    return gamma, beta
