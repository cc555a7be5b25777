"""The HTML door: routes that read a form, call one query or action, and render."""
