"""The result of an assessment: page, history, downloads, links to share it."""
