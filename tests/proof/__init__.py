"""What could go wrong in three hundred hands, one kind a module, tried by the thousand.

The first line of a module's docstring is its row in the table that `make proof` writes into
benchmarks/RESULTS.md; the fixture `tried` counts what the row says was tried.
"""
