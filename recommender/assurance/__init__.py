"""What makes a policy trustworthy: its cases, and how much of it they reach."""
