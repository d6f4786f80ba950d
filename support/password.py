"""The one password of everybody in the tests. Apart, so that who only signs in needs no Django."""

PASSWORD = "correct horse battery"
