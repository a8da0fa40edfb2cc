"""Lets `python -m recommender` do what the `recommender` command does."""

from recommender.cli import main

if __name__ == "__main__":
    main()
