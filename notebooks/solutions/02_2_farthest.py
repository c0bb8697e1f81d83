def farthest(m):
    # Equality in the proof needs the others to be equal to one another.
    z = np.zeros(m)
    z[0] = 1.0
    return z
