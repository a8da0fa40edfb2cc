"""The evidence on a model: a page to read and print (`page`), the same as data (`as_json`), and its card (`card`).

No figure is worked out here, only laid out.
"""
