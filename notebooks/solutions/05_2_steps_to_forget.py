def steps_to_forget(momentum, share):
    # (1 − momentum)^t ≤ share: take logarithms; both are negative, so the sign turns.
    return int(np.ceil(np.log(share) / np.log(1 - momentum)))
