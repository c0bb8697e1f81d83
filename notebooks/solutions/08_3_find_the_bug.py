# 4: network.forward(image[None]), in inference mode: alone, an image is its own mean.
# 3: the averages are not among layer.params. Save running_mean and running_var too and load them
#    with set_statistics, or save the whole layers.
# 3: np.split(rows, 16) makes micro-batches of 2, and μ and σ² are those of 2. np.split(rows, 2),
#    with / 2 in line 6, makes them of 16.
faulty_lines = 4, 3, 3
