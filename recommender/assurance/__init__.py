"""What makes a policy trustworthy: proofs over all possible intakes, cases, how much they reach, and comparisons."""
