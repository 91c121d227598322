"""The desk of a simulation as it is read and shown: the same code on the server and, without a link, on a device.

Nothing here knows a server or a database; `tools/device.py` packs it, with the simulations, for the device.
"""
