"""What a head that is fitted at once sees of features: fitted on training cells, without their labels."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from leukoscope.facts.logistic import Floats
from leukoscope.models.fitted import HeadInputs, filled


def fit_inputs(vectors: Floats, pooled: int, components: int | None) -> HeadInputs:
    """Standardise features over cells, and find the principal components of those that a network gives.

    Args:
        vectors: (n, f), the features of n cells; named measures stand behind the network's.
        pooled: How many are the network's.
        components: How many principal components take their place (fewer, where there are fewer features or cells);
            None: the features stay. All of them are divided by one number, the deviation of their values, so that
            named measures, of deviation 1, are not drowned by components of larger ones.

    Returns:
        What stands before the scores, float64, in evaluation mode on the processor.
    """
    scaler = StandardScaler().fit(vectors)
    own = {"mean": scaler.mean_, "scale": scaler.scale_}
    if components is None:
        return filled(HeadInputs(vectors.shape[1], pooled), own)
    found = _components(scaler.transform(vectors)[:, :pooled], min(components, pooled, len(vectors)))
    return filled(HeadInputs(vectors.shape[1], pooled, len(found)), own | {"components": found})


def _components(scaled: Floats, number: int) -> Floats:
    if not scaled.any():  # features that never vary have no axes
        return np.eye(number, scaled.shape[1])
    # Both ways are exact and draw nothing; each is the quicker one for its shape.
    way = "covariance_eigh" if len(scaled) >= scaled.shape[1] else "full"
    axes = PCA(number, svd_solver=way).fit(scaled).components_
    return np.ascontiguousarray(axes / (scaled @ axes.T).std())
