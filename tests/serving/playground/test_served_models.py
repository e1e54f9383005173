"""States of models, as the page shows them."""

import pytest

from serving.client.metadata import VersionStatus
from serving.playground.served_models import state_of

LOADED, OLDER = VersionStatus(2, "AVAILABLE"), VersionStatus(1, "AVAILABLE")
FAILED = VersionStatus(3, "END", "no such op")


@pytest.mark.parametrize(
    ("versions", "state", "numbers", "message"),
    [
        ([OLDER, LOADED], "available", [2, 1], ""),
        ([FAILED, OLDER], "available", [1], "no such op"),
        ([VersionStatus(3, "LOADING"), OLDER], "available", [1], ""),
        ([VersionStatus(1, "START")], "loading", [], ""),
        ([VersionStatus(1, "LOADING")], "loading", [], ""),
        ([FAILED], "unavailable", [], "no such op"),
        ([VersionStatus(1, "UNLOADING")], "unavailable", [], ""),
        ([], "unavailable", [], ""),
    ],
)
def test_state_of_versions(versions, state, numbers, message):
    assert state_of(versions) == {"state": state, "versions": numbers, "message": message}
