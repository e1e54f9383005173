from pathlib import Path

from training.stop_message import StopMessage


def test_before_the_first_weights():
    kept = StopMessage(Path("runs/a"), Path("runs/a"))
    assert kept.sentence() == "before the first weights were saved; the same command starts again"


def test_what_else_is_saved_before_the_first_weights():
    kept = StopMessage(Path("runs/a"), Path("runs/a"))
    kept.add("5 of 9 translations are kept")
    assert kept.sentence() == (
        "before the first weights were saved; 5 of 9 translations are kept; the same command starts again"
    )
    kept.epoch_ended(1, 1)
    assert "kept" not in kept.sentence()


def test_the_best_weights_are_named_with_a_command_that_can_be_pasted():
    kept = StopMessage(Path("runs/it's"), Path("runs/it's"))
    kept.epoch_ended(3, 2)
    assert kept.sentence() == (
        "after epoch 3; the best weights (epoch 2) are in runs/it's: score them with "
        "`python -m training evaluate --run 'runs/it'\"'\"'s'`; the same command starts again"
    )


def test_a_run_that_was_to_be_replaced_is_as_it_was():
    kept = StopMessage(Path("runs/a"), Path("runs/a.new"))
    kept.epoch_ended(1, 1)
    assert "(epoch 1) are in runs/a.new: " in kept.sentence()
    assert kept.sentence().endswith("; runs/a is unchanged; the same command starts again")


def test_where_the_same_command_goes_on():
    kept = StopMessage(Path("runs/a"), Path("runs/a"))
    kept.checkpoint_saved(0, 1200)
    expected = "before the first weights were saved; the same command goes on from epoch 1, step 1,201"
    assert kept.sentence() == expected
    kept.checkpoint_saved(2, 0)
    assert kept.sentence().endswith("; the same command goes on from epoch 3")
    kept.all_trained()
    assert kept.sentence().endswith("; the same command scores it")


def test_what_is_kept_after_a_failed_write():
    kept = StopMessage(Path("runs/a"), Path("runs/a"))
    remedy = "make room there, or the directory writable"
    assert kept.after_an_error() == (
        f"nothing of the training is saved; {remedy}: the same command starts again"
    )
    kept.checkpoint_saved(2, 0)
    assert kept.after_an_error() == (
        f"its checkpoint is kept; {remedy}: the same command goes on from epoch 3"
    )
