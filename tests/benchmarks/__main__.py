"""``python -m tests.benchmarks``: all of them."""

from tests.benchmarks import ladder

for result in ladder.measure():
    print(result)
