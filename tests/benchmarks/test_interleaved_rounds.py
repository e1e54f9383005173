"""Time of several subjects in turn."""

from benchmarks.interleaved_rounds import Spent, cpu_ratio, measure_in_turn, rate, ratio, spent_by


def test_every_round_starts_with_another_subject():
    order = []

    def subject(name):
        return lambda: order.append(name) or Spent(1.0, len(order))

    spent = measure_in_turn({name: subject(name) for name in "abc"}, rounds=4, pause=0)
    assert "".join(order) == "abcbcacababc"
    assert [one.cpu_seconds for one in spent["b"]] == [2, 4, 9, 11]


def test_rates_and_ratios():
    ours = [Spent(1.0, 2.0), Spent(2.0, 2.0), Spent(4.0, 2.0)]
    other = [Spent(3.0, 1.0), Spent(4.0, 4.0), Spent(4.0, 8.0)]
    assert rate(ours, work=8) == 4.0  # the median of 8, 4, 2
    assert ratio(ours, other) == 2.0  # of 3, 2, 1
    assert cpu_ratio(ours, other) == 2.0  # of 0.5, 2, 4


def test_waiting_takes_no_cpu_time():
    import time

    spent = spent_by(lambda: time.sleep(0.2))
    assert spent.seconds >= 0.2
    assert spent.cpu_seconds < 0.1
