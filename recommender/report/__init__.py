"""One recommendation drawn for people: text for a terminal, HTML for a browser. Nothing is worked out here."""
