import numpy as np
import pytest
import scipy.sparse

from training.evaluation.support_vector_machines import fit_machines


@pytest.mark.parametrize("present", [[1, 3], [0, 1, 3]])
def test_classes_that_never_occur_are_below_the_others(present):
    own = np.eye(4)[present * 2]
    inputs = scipy.sparse.csr_matrix(np.eye(len(present), dtype=np.float32)[[*range(len(present))] * 2])
    table, bias = fit_machines(inputs, own, 10.0, exclusive=True, scales=None)
    assert (inputs @ table + bias).argmax(axis=1).tolist() == present * 2
    missing = [place for place in range(4) if place not in present]
    assert (table[:, missing] == 0).all()
    assert (bias[missing] == -1).all()
