"""The one password of everyone in the tests. In its own module, so that code that only signs in needs no Django."""

PASSWORD = "correct horse battery"
