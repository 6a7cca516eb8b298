"""The work of advisers and assessors: workbooks, verification on site, objections."""
