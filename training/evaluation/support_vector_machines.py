"""Linear support vector machines, one per class."""

import joblib
import numpy as np
import scipy.sparse
from sklearn.svm import LinearSVC

# From this number of classes on, tolerances differ.
MANY_CLASSES = 33
# LIBLINEAR's default for this loss; scikit-learn's takes ten times as long.
_TOLERANCE, _TOLERANCE_FOR_MANY = 0.1, 1.0
_MOST_THREADS = 4  # each holds a copy of the inputs


def fit_machines(
    inputs: scipy.sparse.csr_matrix,
    targets: np.ndarray,
    cost: float,
    exclusive: bool,
    scales: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return W [R, C] and b [C] of linear support vector machines, one per class (two exclusive ones: one).

    Source: Fan et al. 2008, "LIBLINEAR", L2-regularised squared hinge loss.

    Args:
        inputs: float32 [texts, R].
        targets: multi-hot [texts, C]. A class that all texts have, or none, gets weights 0 and bias -1.
        cost: C of the machines.
        exclusive: one class per text.
        scales: float [R, C], factors of the inputs for each class; None for ones.
    """
    classes = targets.shape[1]
    if exclusive and classes == 2:
        # One margin, split between the two classes.
        weights, bias = _machine(inputs, targets[:, 1] > 0, cost, None if scales is None else scales[:, 1])
        return np.stack([-weights, weights], axis=1) / 2, np.array([-bias, bias]) / 2
    if exclusive and scales is None:
        return _machines(inputs, targets.argmax(axis=1), classes, cost)
    table, biases = np.zeros((inputs.shape[1], classes), np.float32), np.full(classes, -1.0)
    for place in range(classes):
        own = targets[:, place] > 0
        if own.any() and not own.all():
            scale = None if scales is None else scales[:, place]
            table[:, place], biases[place] = _machine(inputs, own, cost, scale)
    return table, biases


def _machine(
    inputs: scipy.sparse.csr_matrix, own: np.ndarray, cost: float, scale: np.ndarray | None
) -> tuple[np.ndarray, float]:
    """Return w [R] and b of a machine for the texts of one class against the others."""
    model = LinearSVC(C=cost, tol=_TOLERANCE, random_state=0)
    if scale is None:
        model.fit(inputs, own)
        return model.coef_[0], model.intercept_[0]
    model.fit(inputs @ scipy.sparse.diags(scale.astype(np.float32)), own)
    return model.coef_[0] * scale, model.intercept_[0]


def threads() -> int:
    """Return the number of machines to fit at once: the solver computes without Python's lock."""
    return min(_MOST_THREADS, joblib.cpu_count())


def _machines(
    inputs: scipy.sparse.csr_matrix, own: np.ndarray, classes: int, cost: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return W [R, C] and b [C] of machines for each class, from the class of each text."""
    if classes >= MANY_CLASSES:
        return _machines_at_once(inputs, own, classes, cost)
    model = LinearSVC(C=cost, tol=_TOLERANCE, random_state=0).fit(inputs, own)
    table, biases = np.zeros((inputs.shape[1], classes), np.float32), np.full(classes, -1.0)
    if len(model.classes_) == 2:  # the solver has one machine for two classes
        low, high = model.classes_
        table[:, high], biases[high] = model.coef_[0], model.intercept_[0]
        table[:, low], biases[low] = -model.coef_[0], -model.intercept_[0]
        return table, biases
    table[:, model.classes_], biases[model.classes_] = model.coef_.T, model.intercept_
    return table, biases


def _machines_at_once(
    inputs: scipy.sparse.csr_matrix, own: np.ndarray, classes: int, cost: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the same as `_machines`, fitted in several threads; any number of threads gives equal ones."""
    table, biases = np.zeros((inputs.shape[1], classes), np.float32), np.full(classes, -1.0)

    def fit(place: int) -> None:
        model = LinearSVC(C=cost, tol=_TOLERANCE_FOR_MANY, random_state=0).fit(inputs, own == place)
        table[:, place], biases[place] = model.coef_[0], model.intercept_[0]

    present = np.unique(own)
    if len(present) > 1:
        joblib.Parallel(n_jobs=threads(), prefer="threads")(joblib.delayed(fit)(place) for place in present)
    return table, biases
