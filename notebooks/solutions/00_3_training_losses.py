def training_losses(network, data, lr, steps):
    run = bn.train(network, data, bn.SGD(lr), steps=steps, batch_size=10, seed=0)
    return [snapshot.loss for snapshot in run]
