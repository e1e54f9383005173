from pathlib import Path

from training.kept import Kept


def test_before_the_first_weights():
    kept = Kept(Path("runs/a"), Path("runs/a"))
    assert kept.sentence() == "before the first weights were kept; the same command trains anew"


def test_the_best_weights_are_named_with_a_command_that_can_be_pasted():
    kept = Kept(Path("runs/it's"), Path("runs/it's"))
    kept.epoch_ended(3, 2)
    assert kept.sentence() == (
        "after epoch 3; the best weights so far are in runs/it's, of epoch 2: "
        "`python -m training evaluate --run 'runs/it'\"'\"'s'` scores them; the same command trains anew"
    )


def test_a_run_that_was_to_be_replaced_is_as_it_was():
    kept = Kept(Path("runs/a"), Path("runs/a.new"))
    kept.epoch_ended(1, 1)
    assert "in runs/a.new, of epoch 1: " in kept.sentence()
    assert kept.sentence().endswith("; runs/a is as it was; the same command trains anew")
