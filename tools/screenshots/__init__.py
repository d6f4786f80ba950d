"""Every screen and state of the product, as a user reaches it: for the audit, and for pictures.

A scene walks through the product and stops at each state, where its caller looks at the page. `bin/screens` takes
screenshots, `tests/browser/test_axe.py` runs axe.
"""
