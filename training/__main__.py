"""``python -m training COMMAND …``."""

from seqapp.interrupts import end_on_interrupt


def main() -> None:
    """Run a command. The imports take half a second, so the Ctrl-C handler is installed before them."""
    end_on_interrupt()
    from training.commands import main as run

    run()


if __name__ == "__main__":
    main()
