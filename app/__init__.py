"""Composition: what a person or a shell touches.

The only place where a query meets a metric.
"""

import os

# The matrices here are small: threads of OpenBLAS wait for each other longer than they work, and
# take the cores from other users. It reads this once, when NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
