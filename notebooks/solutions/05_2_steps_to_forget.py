def steps_to_forget(momentum, share):
    # (1 − momentum)^t ≤ share: take logarithms; both are negative, so the sign turns.
    steps = np.log(share) / np.log(1 - momentum)
    return int(np.ceil(round(steps, 9)))  # 3.0000000000000004 steps are 3
