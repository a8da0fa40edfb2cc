"""An open engine that recommends the level of care for someone seeking help with substance use.

Not clinically validated. It supports a person's decision and never makes it.
"""

__version__ = "0.1.0"
