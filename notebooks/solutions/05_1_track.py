def track(batches, decay):
    mean, var = 0.0, 0.0
    for batch in batches:
        mean = decay * mean + (1 - decay) * batch.mean(axis=0)
        var = decay * var + (1 - decay) * batch.var(axis=0)
    given_out = 1 - decay ** len(batches)
    return mean / given_out, var / given_out
