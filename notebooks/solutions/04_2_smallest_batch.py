def smallest_batch(z_norm, noise):
    # (1 + z_norm²/2) / m ≤ noise²
    return int(np.ceil((1 + z_norm**2 / 2) / noise**2))
