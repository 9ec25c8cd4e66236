"""Statistics as pure functions on numbers and Arrow arrays: no data base, no engine.

Every room may use them. A function returns its outcome, or None where it is not defined;
p values are two-sided (upper tail for F and chi-square) and come from `scipy.special`.
"""

from __future__ import annotations
