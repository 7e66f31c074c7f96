"""Builds the invented company in a moto server: from the folder test: python -m world.build http://127.0.0.1:5000

The same server state comes out of every run on a fresh server (moto's seed makes ids repeatable).
"""

import sys
import urllib.request

from . import identity, network, storage, watch, workloads
from .cloud import Cloud


def build(endpoint):
    for path in ("reset", "seed?a=7"):
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/{path}", method="POST"), timeout=30).read()
    aws = Cloud(endpoint)
    for part in (identity, storage, network, workloads, watch):
        part.build(aws)


if __name__ == "__main__":
    build(sys.argv[1])
