"""The rules language: text that a clinician can read, typed, and evaluated in several ways that agree."""
