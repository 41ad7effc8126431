"""Twins: one and the same cell in two pictures, whatever was done to them in between.

Fingerprints, proposals, confirmation: ``FINGERPRINT`` is taken of each picture while it is read, ``propose`` compares
all of them with all, and ``find_twins`` looks at the pixels of what was proposed.
"""

from leukoscope.twins.finding import find_twins
from leukoscope.twins.fingerprint import FINGERPRINT
from leukoscope.twins.proposals import Proposals, propose
from leukoscope.twins.twins import Twins

__all__ = ["FINGERPRINT", "Proposals", "Twins", "find_twins", "propose"]
