"""The JSON API, version 1: one file per resource.  ``API.md`` beside this folder says how to use it."""
