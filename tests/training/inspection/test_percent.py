from training.inspection.percent import percent


def test_a_small_share_is_not_shown_as_none():
    assert [percent(share) for share in (0, 0.0004, 0.0005, 0.123, 1)] == [
        "0%",
        "<0.1%",
        "0.1%",
        "12.3%",
        "100.0%",
    ]
