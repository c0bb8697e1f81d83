def fold(w, b, mean, std):
    # w · (x − mean) / std + b  =  (w / std) · x  +  (b − w · mean / std)
    w_raw = w / std
    return w_raw, b - w_raw @ mean
