"""Every screen and state of the product, as somebody comes to it: for the audit, and for pictures.

A scene walks through the product and stops at each state; who follows it looks there. `bin/screens` takes
photographs, `tests/browser/test_axe.py` asks axe.
"""
