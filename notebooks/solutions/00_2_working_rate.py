# The row "2 hidden layers" of the map, without BN: it works from about 1 to about 5.
working_rate = 3.0
