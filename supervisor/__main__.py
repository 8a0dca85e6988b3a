"""`python -m supervisor` in a clone."""

from supervisor.cli import main

if __name__ == "__main__":
    main()
