"""Lets `python -m recommender` do what the `recommender` command does."""

from recommender.cli import run

if __name__ == "__main__":
    run()
