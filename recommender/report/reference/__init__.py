"""The policy as a reference for people: every rule in words, with why, source, who it is true for, and its cases.

pages     what stands on which page
markdown  ... as Markdown files, which are kept in docs/policy/
html      ... as one HTML document, for reading and printing
"""
