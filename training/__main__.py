"""``python -m training COMMAND …``."""

from seqapp.interrupts import end_on_interrupt


def main() -> None:
    """Runs a command. Imports come after the handler of Ctrl-C: they take half a second."""
    end_on_interrupt()
    from training.commands import main as run

    run()


if __name__ == "__main__":
    main()
