def largest_step(hessian):
    curvatures = np.linalg.eigvalsh(hessian)
    return 2 / curvatures.max()
