"""What is trained and kept in a bundle: a network of cells, or one of patients; both have the same named parts."""

from __future__ import annotations

from leukoscope.models.cell_model import CellModel
from leukoscope.models.patient_model import PatientModel

Network = CellModel | PatientModel


def cells_of(network: Network) -> CellModel:
    """Return the network's own network of cells: itself, where it is one."""
    return network.cells if isinstance(network, PatientModel) else network
