def merge(m1, mean1, var1, m2, mean2, var2):
    m = m1 + m2
    mean = (m1 * mean1 + m2 * mean2) / m
    within = (m1 * var1 + m2 * var2) / m
    between = m1 * m2 / m**2 * (mean1 - mean2) ** 2
    return mean, within + between
